"""Notes and tasks, logs that move or are taken back, and who is found by phone or address."""

from __future__ import annotations

import pytest

from hub.domain.commands import AddNote, CreateTask, LogCall
from hub.errors import Reject
from infra.local.standins.misbehaving import Misbehaviour
from tests.unit.hubspot_account import Account

NOTE = AddNote(
    reference="note-1", contact_id="1", written_at="2026-11-20T01:02:03.000Z", text="1 < 2\nyes", author="Mika"
)
TASK = CreateTask(
    reference="task-1", contact_id="1", subject="Call back", due_at="2026-11-21T01:00:00.000Z", priority="high"
)
CALL = LogCall(
    reference="call-1", contact_id="1", direction="inbound", started_at="2026-11-20T01:02:03.000Z", title="Call"
)


def people(account: Account, number: int = 1) -> list[str]:
    return [account.crm.enter("contacts", {"lastname": str(one)}) for one in range(number)]


def test_a_note_is_written_once_on_its_contact_with_its_author() -> None:
    account = Account()
    [contact] = people(account)
    first, again = (account.client.add_note(NOTE.model_copy(update={"contact_id": contact})) for _ in range(2))
    assert first == again
    held = account.crm.held("notes", first) or {}
    assert held["hs_note_body"] == "1 &lt; 2<br>yes<br>— Mika"
    assert account.crm.linked("notes", first, "contacts") == [contact]


def test_a_task_has_its_owner_its_priority_and_when_it_is_due() -> None:
    account = Account()
    [contact] = people(account)
    wanted = {"contact_id": contact, "owner": "Mika.Sales@example.com"}
    task = account.client.create_task(TASK.model_copy(update=wanted))
    held = dict(account.crm.held("tasks", task) or {})
    assert held == {
        "renkei_id": "task-1",
        "hs_timestamp": "2026-11-21T01:00:00.000Z",
        "hs_task_subject": "Call back",
        "hs_task_status": "NOT_STARTED",
        "hs_task_priority": "HIGH",
        "hs_task_type": "TODO",
        "hubspot_owner_id": "7700001",
    }
    account.client.create_task(TASK.model_copy(update=wanted | {"done": True}))
    assert (account.crm.held("tasks", task) or {})["hs_task_status"] == "COMPLETED"


def test_a_task_that_is_due_at_no_time_keeps_the_time_at_which_it_was_first_written() -> None:
    account = Account()
    [contact] = people(account)
    command = TASK.model_copy(update={"contact_id": contact, "due_at": None, "owner": "nobody@example.com"})
    task = account.client.create_task(command)
    due = (account.crm.held("tasks", task) or {})["hs_timestamp"]
    account.clock.sleep(3600)
    assert account.client.create_task(command) == task
    held = account.crm.held("tasks", task) or {}
    assert (held["hs_timestamp"], "hubspot_owner_id" in held) == (due, False)


def test_a_log_that_moves_is_on_the_new_contact_alone_and_moving_again_changes_nothing() -> None:
    account = Account()
    old, new = people(account, 2)
    call = account.client.log_call(CALL.model_copy(update={"contact_id": old}))
    for _ in range(2):
        account.client.move_log("call", call, old, new)
        assert account.crm.linked("calls", call, "contacts") == [new]
    account.client.move_log("call", call, new, new)
    assert account.crm.linked("calls", call, "contacts") == [new]


def test_a_log_moves_off_a_contact_that_is_gone() -> None:
    account = Account()
    old, new = people(account, 2)
    call = account.client.log_call(CALL.model_copy(update={"contact_id": old}))
    account.crm.remove("contacts", old)
    account.client.move_log("call", call, old, new)
    assert account.crm.linked("calls", call, "contacts") == [new]


def test_a_log_that_is_taken_back_is_gone_and_taking_it_again_is_no_fault() -> None:
    account = Account()
    note = account.client.add_note(NOTE.model_copy(update={"contact_id": people(account)[0]}))
    for _ in range(2):
        account.client.take_log("note", note)
        assert account.crm.held("notes", note) is None


def test_what_hubspot_does_not_log_can_neither_move_nor_go() -> None:
    account = Account()
    with pytest.raises(Reject, match="no such activity"):
        account.client.move_log("fax", "1", "2", "3")
    with pytest.raises(Reject, match="no such activity"):
        account.client.take_log("fax", "1")


# Finding.


@pytest.mark.parametrize("written", ["+819000000006", "090-0000-0006", "+81 90 0000 0006", "9000000006"])
@pytest.mark.parametrize("where", ["phone", "mobilephone"])
def test_a_contact_is_found_by_a_phone_however_it_was_written(written: str, where: str) -> None:
    account = Account()
    aya = account.crm.enter("contacts", {"lastname": "Kobayashi", where: written})
    account.crm.enter("contacts", {"lastname": "Mori", "phone": "+819000000007"})
    assert account.client.find("contact", phone="+819000000006") == [aya]


def test_two_with_the_same_phone_are_both_found_and_a_company_by_its_own() -> None:
    account = Account()
    both = [account.crm.enter("contacts", {"lastname": name, "phone": "+819000000006"}) for name in "ab"]
    works = account.crm.enter("companies", {"name": "Works", "phone": "+819000000006"})
    assert account.client.find("contact", phone="+819000000006") == both
    assert account.client.find("company", phone="+819000000006", email="a@example.com") == [works]


def test_a_number_in_another_country_with_the_same_digits_is_not_taken() -> None:
    account = Account()
    account.crm.enter("contacts", {"lastname": "Mori", "phone": "+449000000006"})
    assert account.client.find("contact", phone="+819000000006") == []


def test_a_contact_is_found_by_each_of_its_addresses_at_once_though_the_index_lags() -> None:
    account = Account(misbehaviour=Misbehaviour(search_lag_s=60))
    aya = account.crm.enter("contacts", {"email": "aya@example.com"})
    other = account.crm.enter("contacts", {"email": "aya.k@example.com"})
    account.crm.merge("contacts", aya, other)
    assert account.client.find("contact", email="AYA@example.com") == [aya]
    assert account.client.find("contact", email="aya.k@example.com") == [aya]
    assert account.client.find("contact", email="nobody@example.com") == []


def test_nothing_is_asked_for_what_is_no_phone_and_no_address() -> None:
    account = Account()
    before = len(account.calls)
    assert account.client.find("contact", phone="unknown", email="none") == []
    assert len(account.calls) == before
    with pytest.raises(Reject, match="deal records are not searched"):
        account.client.find("deal", email="aya@example.com")
