"""Each KMS key of MiniStack's has a twin of the same id in Moto, whose RDS wants to see the keys.

The twin has the aliases of its key. That a key is disabled or deleted Moto's RDS does not mind.
After Moto was reset the twins are gone: make the keys anew.
"""

import asyncio
import json
from contextvars import ContextVar

from ministack import app as ministack
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

from moto_behind import Moto

MIRRORED = ("CreateAlias", "UpdateAlias", "DeleteAlias")
# The id that Moto gave to the twin of the key that is being made.
twin: ContextVar[str] = ContextVar("twin", default="")


def install(moto: Moto) -> None:
    own_id = kms.new_uuid
    kms.new_uuid = lambda: twin.get() or own_id()

    async def serve(method, path, headers, body, query) -> tuple:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        where = (get_region(), get_account_id())
        if action == "CreateKey":
            made = await asyncio.to_thread(moto.call_kms, *where, action, b"{}")
            twin.set(json.loads(made.body)["KeyMetadata"]["KeyId"])
        answer = await kms.handle_request(method, path, headers, body, query)
        twin.set("")
        if action in MIRRORED and answer[0] == 200:
            await asyncio.to_thread(moto.call_kms, *where, action, body)
        return answer

    ministack.SERVICE_HANDLERS["kms"] = serve
