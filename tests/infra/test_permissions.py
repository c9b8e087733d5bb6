"""Each statement of each role's policy lets through what it is for, and nothing next to it.

The module is applied once, on an account that enforces permissions, with all that it can have. Then every
statement's calls are made by the role: as the policy is, and with that statement taken away.
"""

import unittest

import permitted
from deployment import NAME, VERBS, Account
from judged import Permission, Role, as_list
from place import applied, furnish


class Permissions(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.account = Account(enforce=True)
        cls.addClassCleanup(cls.account.stop)
        cls.root, cls.place = applied(cls.account, NAME)
        furnish(cls.account, cls.place)
        cls.tables: dict[str, tuple[Role, list[Permission]]] = {}
        for verb in VERBS:
            own = Role(cls.account, f"{NAME}-{verb}", verb)
            wakes = Role(cls.account, f"{NAME}-{verb}-schedule", "wake")
            cls.tables[own.name] = (own, permitted.of(verb, cls.place))
            cls.tables[wakes.name] = (wakes, permitted.of_schedule(verb, cls.place))

    def each_permission(self, effect: str | None = None):
        for role, table in self.tables.values():
            for permission in table:
                if effect in (None, self.statement(role, permission.sid)["Effect"]):
                    yield role, permission

    def statement(self, role: Role, sid: str) -> dict:
        return next(each for each in role.statements if each["Sid"] == sid)

    def assertNone(self, wrong: list[str], what: str) -> None:
        self.assertFalse(wrong, f"{what}:\n" + "\n".join(wrong))

    def test_each_statement_and_each_action_is_in_the_table_and_nothing_else(self) -> None:
        for name, (role, table) in self.tables.items():
            with self.subTest(role=name):
                sids = [each["Sid"] for each in role.statements]
                self.assertEqual(sorted(sids), sorted(each.sid for each in table))
        for role, permission in self.each_permission():
            statement = self.statement(role, permission.sid)
            tried = permission.allowed if statement["Effect"] == "Allow" else permission.denied
            with self.subTest(role=role.name, sid=permission.sid):
                self.assertEqual(set(as_list(statement["Action"])), {each.action for each in tried})
                self.assertTrue(permission.denied, "what is next to it")

    def test_what_a_statement_allows_is_let_through(self) -> None:
        wrong = []
        for role, permission in self.each_permission():
            wrong += role.denied(permission.allowed, permission.sid)
        self.assertNone(wrong, "denied")

    def test_what_is_next_to_it_is_denied(self) -> None:
        wrong = []
        for role, permission in self.each_permission():
            wrong += role.let_through(permission.denied, permission.sid)
        self.assertNone(wrong, "let through")

    def test_without_the_statement_what_it_allows_is_denied(self) -> None:
        wrong = []
        for role, permission in self.each_permission("Allow"):
            with role.without(permission.sid):
                wrong += role.let_through(permission.allowed, permission.sid)
        self.assertNone(wrong, "let through by another statement")

    def test_what_is_denied_for_good_is_denied_whatever_else_is_given(self) -> None:
        wrong, idle = [], []
        for role, permission in self.each_permission("Deny"):
            with role.with_everything():
                wrong += role.let_through(permission.denied, permission.sid)
                with role.without(permission.sid):
                    idle += role.denied(permission.denied, permission.sid)
        self.assertNone(wrong, "let through")
        self.assertNone(idle, "denied by something else")


if __name__ == "__main__":
    unittest.main()
