"""Who the emulated account is: its number and the key that may do everything.

The same as in tests/emulator/account.py, which needs boto3 and cannot be imported beside MiniStack.
The secret matters: Moto's launcher checks presigned URLs with it.
"""

ACCOUNT = "123456789012"
ACCESS_KEY_ID = ACCOUNT
SECRET_ACCESS_KEY = f"secret-of-{ACCOUNT}"
