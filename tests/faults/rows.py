"""“Nothing lost, nothing doubled”, row by row, and the tests that prove it.

`make faults` runs all of them. A proof is a file of tests, a folder of them, or one test;
`test_rows.py` sees that each is there.
"""

PROOFS: dict[str, tuple[str, ...]] = {
    "kill -9 in intake, outbox, clock and web, at named points and at random": (
        "tests/faults/test_killed.py",
        "tests/faults/test_parts.py",
        "tests/cli/test_several_processes.py",
        "tests/browser/test_killed.py",
        "tests/cli/test_serving.py::test_a_kill_right_after_the_yes_loses_no_mail",
        "tests/mail/outbox/test_outbox.py",
        "tests/worker/test_leases.py",
    ),
    "power cut": ("tests/faults/test_power_cut.py",),
    "disk full": (
        "tests/faults/test_full_disk.py",
        "tests/server/test_limits.py::test_a_full_disk_is_said_in_plain_words",
        "tests/mail/transport/test_imap.py"
        "::test_a_full_disk_stops_the_fetching_and_marks_no_mail_as_poison",
    ),
    "database gone, locked, back": (
        "tests/faults/test_without_database.py",
        "tests/server/test_live.py::test_a_database_that_drops_the_connection_is_dialled_again",
        "tests/worker/test_intake.py",
    ),
    "the store of files is gone": ("tests/deploy/test_store.py",),
    "their mail server is down, says 4xx or 5xx, greylists, drops the line, is slow": (
        "tests/faults/test_their_server.py",
        "tests/faults/test_crowds.py::test_what_waited_for_their_server_leaves_once_each",
        "tests/mail/transport/test_sending.py",
        "tests/mail/outbox/test_outbox.py",
    ),
    "IMAP cut at any octet, BYE, poison mail, new UIDVALIDITY": (
        "tests/mail/transport/test_imap.py",
    ),
    "the same mail twice, by SMTP and IMAP, to two addresses": (
        "tests/mail/placing/test_same_mail.py",
    ),
    "any order of arrival": (
        "tests/mail/placing/test_threads.py::test_any_order_of_arrival_gives_one_case",
    ),
    "four workers, a thousand due, some killed, one paused": (
        "tests/worker/test_tick_killed.py",
        "tests/server/test_work.py",
    ),
    "clock jumps and changes of clocks": (
        "tests/faults/test_clock_jumps.py",
        "tests/clock/test_properties.py",
        "tests/promises/test_ladder.py",
    ),
    "two members at once": (
        "tests/promises/test_together.py",
        "tests/browser/test_two_agents.py",
        "tests/people/test_notes_and_dates.py",
        "tests/articles/test_writing.py",
        "tests/desk/test_customers.py"
        "::test_the_second_of_two_who_change_the_same_sees_both_texts_and_may_keep_theirs",
        "tests/desk/test_customers.py::test_two_who_change_different_facts_both_have_their_way",
    ),
    "ping-pong, loops, lists, bounces": (
        "tests/faults/test_ping_pong.py",
        "tests/mail/placing/test_machines.py",
    ),
    "a burst of mail, slow clients, SIGTERM with open streams": (
        "tests/faults/test_crowds.py",
        "tests/faults/test_parts.py::test_all_parts_end_in_time_with_streams_open_in_each",
        "tests/server/test_stopping.py",
        "tests/server/test_limits.py",
        "tests/mail/transport/test_listening.py",
    ),
    "a hostile mail": ("tests/mail/reading",),
    "fifty megabytes": (
        "tests/mail/transport/test_listening.py"
        "::test_fifty_megabytes_are_refused_while_they_stream_in_without_being_kept",
    ),
    "upgrade killed half way": ("tests/cli/test_upgrading.py",),
    "backup under load, restore, flipped octets": (
        "tests/backup",
        "tests/faults/test_backup_under_load.py",
    ),
}

# The others of these start a PostgreSQL of their own, or are run on it by `make test`.
ON_POSTGRESQL = ("tests/worker/test_tick_killed.py",)
