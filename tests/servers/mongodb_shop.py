"""What the emulated fleet's databases hold, as documents: the same as in the SQL files."""

import datetime

NEWEST = datetime.datetime(2026, 3, 2, 1, 59, tzinfo=datetime.timezone.utc)


def load(shop) -> None:
    shop.users.insert_many(map(_user, range(1, 1001)))
    shop.orders.insert_many(map(_order, range(1, 5001)))
    shop.notifications.insert_many(map(_notification, range(1, 251)))
    shop.orders.create_index("customer_id", name="orders_customer")
    shop.orders.create_index("updated_at", name="orders_updated")


def _user(n: int) -> dict:
    return {"_id": n, "name": f"User {n}", "email": f"user{n}@example.com"}


def _order(n: int) -> dict:
    return {
        "_id": n,
        "customer_id": 1 + n % 1000,
        "total": n * 37 % 100_000 / 100,
        "updated_at": NEWEST - datetime.timedelta(minutes=5000 - n),
    }


def _notification(n: int) -> dict:
    sent_at = NEWEST - datetime.timedelta(hours=250 - n)
    return {"_id": n, "user_id": n, "body": f"Order {n} is on its way", "sent_at": sent_at}
