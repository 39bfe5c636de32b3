"""Convene from Python, with a client that is generated from its OpenAPI document.

    pip install openapi-python-client
    openapi-python-client generate --path openapi/openapi.json --meta none --output-path convene_client
    python examples/generated_client.py http://127.0.0.1:8000

It registers two people, puts a meeting into the calendar of one, and asks when both are free.
"""

import datetime
import sys

from convene_client import AuthenticatedClient, Client
from convene_client.api.accounts import create_token, get_profile, register
from convene_client.api.events import create_event, list_events, patch_event
from convene_client.api.scheduling import find_slots
from convene_client.models import (
    EventIn,
    EventPatch,
    FindSlotsIn,
    Problem,
    RegistrationIn,
    TokenIn,
    TokenScope,
)


def sign_up(base, name):
    """Registers somebody, and answers a client that acts for them."""
    client = Client(base_url=base)
    person = RegistrationIn(username=name, password="securePass123", email=f"{name}@example.com")
    registered = register.sync(client=client, body=person)
    assert not isinstance(registered, Problem), registered
    # The client keeps the cookie that registering set; a program is better off with a token.
    token = create_token.sync(client=client, body=TokenIn(name="example", scope=TokenScope.WRITE))
    return registered.user, AuthenticatedClient(base_url=base, token=token.token)


def main(base):
    alice, client = sign_up(base, "alice_client")
    bob, _ = sign_up(base, "bob_client")
    profile = get_profile.sync(client=client)
    print(profile.username, "works from", profile.working_hours_start, "to", profile.working_hours_end)

    week = FindSlotsIn(
        user_ids=[alice.id, bob.id],
        duration_minutes=60,
        start="2025-12-29T00:00:00Z",
        end="2026-01-05T00:00:00Z",
    )
    found = find_slots.sync(client=client, body=week)
    print(f"{found.total_slots_found} slots, the first at {found.available_slots[0].start_time}")

    meeting = EventIn(
        title="Project Kickoff",
        start_time="2025-12-29T09:00:00Z",
        end_time="2025-12-29T10:30:00Z",
    )
    event = create_event.sync(client=client, body=meeting)
    event = patch_event.sync(event.id, client=client, body=EventPatch(title="Kickoff"))
    print(event.title, "ends at", event.end_time)
    assert [listed.id for listed in list_events.sync(client=client)] == [event.id]

    found = find_slots.sync(client=client, body=week)
    first = found.available_slots[0].start_time
    print(f"Then {found.total_slots_found} slots, the first at {first}")
    assert first == datetime.datetime(2025, 12, 29, 10, 30, tzinfo=datetime.timezone.utc)

    wrong = create_event.sync(client=client, body=EventIn(title="Backwards", start_time="2026-01-01T10:00:00Z", end_time="2026-01-01T09:00:00Z"))
    assert isinstance(wrong, Problem) and wrong.status == 400
    print("Refused:", wrong.detail)


main(sys.argv[1])
