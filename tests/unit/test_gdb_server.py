"""Coming and going: who may connect, what a damaged packet does, and what a run keeps of a gdb."""

from __future__ import annotations

import contextlib
import os
import random
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.gdb_client import (
    COUNT,
    DONE,
    TCDM,
    Client,
    counting,
    debugged,
    session_of,
)
from tests.unit.tiny_firmware import spins
from vplat.errors import UsageError
from vplat.gdb import GdbServer
from vplat.gdb.debuggee import Debuggee
from vplat.gdb.monitor import Monitor
from vplat.gdb.packets import escape
from vplat.gdb.target import Target
from vplat.machine.debug import Resume
from vplat.machine.outcome import Ending
from vplat.session import Result

PACKETS = int(os.environ.get("VPLAT_GDB_PACKETS", "3000"))
"""How many random packets a target gets."""
PACKETS_TOGETHER = 20


@pytest.fixture
def elf(tmp_path: Path) -> Path:
    return counting(tmp_path / "counting.elf")


def results(result: Result) -> dict[str, Any]:
    """What a run came to, without host time."""
    return {name: value for name, value in result.as_json().items() if name != "seconds"}


def test_a_run_that_was_debugged_comes_to_the_same_as_one_that_was_not(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{COUNT:x},4")
        gdb.ask(f"Z2,{TCDM + 8:x},4")
        for _ in range(10):
            gdb.ask("vCont;c")
            gdb.ask("vCont;s:3;c")
        gdb.ask("bs")
        gdb.ask("bc")
        gdb.ask("D")

    assert results(debugged(session_of(elf), talk)) == results(session_of(elf).run())


def test_gdb_may_detach_and_another_one_come_while_the_run_goes_on(tmp_path: Path) -> None:
    session = session_of(spins(tmp_path / "spins.elf"))
    noted: list[str] = []

    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{COUNT:x},4")
        assert gdb.ask("D") == b"OK"
        again = Client(server_port[0])
        assert again.ask("?").startswith(b"T02")
        again.send(b"vCont;c")
        again.interrupt()
        assert again.receive().startswith(b"T02")
        again.send(b"k")
        again.close()

    server_port: list[int] = []
    original = Client.__init__

    def remember(self: Client, port: int) -> None:
        server_port.append(port)
        original(self, port)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "__init__", remember)
        result = debugged(session, talk, note=noted.append)
    assert result.outcome.ending is Ending.INTERRUPTED
    assert noted == ["gdb has detached", "gdb has ended the run"]


def test_a_gdb_that_is_gone_without_a_word_does_not_stop_the_run(elf: Path) -> None:
    noted: list[str] = []

    def talk(gdb: Client) -> None:
        gdb.ask(f"Z0,{DONE:x},4")
        gdb.ask("vCont;c")

    result = debugged(session_of(elf), talk, note=noted.append)
    assert result.outcome.status == 3
    assert noted == ["gdb is gone"]


def test_with_a_gdb_of_ours_the_run_ends_when_it_is_gone(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask("qAttached:1") == b"0"

    result = debugged(session_of(elf), talk, ends_with_gdb=True)
    assert result.outcome.ending is Ending.INTERRUPTED


def test_who_connects_and_says_nothing_is_no_gdb_to_wait_for(elf: Path) -> None:
    server = GdbServer(session_of(elf), port=0)
    over: list[bool] = []
    server._is_over = lambda: bool(over)
    silent = socket.create_connection(("127.0.0.1", server.port))
    silent.close()
    over.append(True)
    server.wait()
    server.close()
    assert server._session.machine.outcome is not None


def test_a_run_may_begin_before_a_gdb_comes(tmp_path: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask("?").startswith(b"T02")
        assert gdb.registers()[32] != 0
        gdb.send(b"k")

    session = session_of(spins(tmp_path / "spins.elf"))
    assert debugged(session, talk, waits=False).outcome.ending is Ending.INTERRUPTED
    assert session.machine.turns[0] > 0


def test_a_damaged_packet_is_asked_for_again(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.send_bytes(b"$qC#00")
        assert gdb._socket.recv(1) == b"-"
        assert gdb.ask("qC") == b"QC1"
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_an_answer_is_repeated_for_a_gdb_that_refuses_it(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        gdb.ask("qC")
        gdb.send_bytes(b"-")
        assert gdb.receive() == b"QC1"
        gdb.ask("D")

    debugged(session_of(elf), talk)


def test_without_acknowledgements_nothing_but_packets_is_sent(elf: Path) -> None:
    def talk(gdb: Client) -> None:
        assert gdb.ask("QStartNoAckMode") == b"OK"
        gdb.acknowledges = False
        gdb.send_bytes(b"$qC#00")
        gdb.send(b"qC")
        data = b""
        while not data.endswith(b"#c5"):
            data += gdb._socket.recv(100)
        assert data == b"$QC1#c5"
        gdb.send(b"D")

    debugged(session_of(elf), talk)


def test_a_port_that_is_taken_is_refused_with_a_sentence(elf: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}.*choose another port"):
            GdbServer(session_of(elf), port=port)


def test_the_server_is_reached_from_this_host_alone(elf: Path) -> None:
    server = GdbServer(session_of(elf), port=0)
    assert server._listener.getsockname()[0] == "127.0.0.1"
    assert server.is_local
    server.close()


def test_files_are_out_of_reach_where_gdb_may_be_far_away(elf: Path, tmp_path: Path) -> None:
    def talk(gdb: Client) -> None:
        told = gdb.monitor(f"snapshot save {tmp_path}/x.snapshot")
        assert "out of reach" in told
        gdb.ask("D")

    debugged(session_of(elf), talk, host="0.0.0.0")  # noqa: S104 - that is what is tested
    assert not (tmp_path / "x.snapshot").exists()


# Packets that make no sense.

TEMPLATES = (
    *(
        "?",
        "!",
        "g",
        "G{hex}",
        "p{n}",
        "P{n}={hex}",
        "m{n},{n}",
        "M{n},{n}:{hex}",
        "X{n},{n}:{raw}",
    ),
    *("Hg{n}", "Hc{n}", "Hg-1", "T{n}", "Z{d},{n},{n}", "z{d},{n},{n}", "Z0,{n},4;X{n},{hex}"),
    *("qSupported:{raw}", "qC", "qfThreadInfo", "qThreadExtraInfo,{n}", "qRcmd,{hex}", "qAttached"),
    *("qXfer:features:read:target.xml:{n},{n}", "qXfer:threads:read::{n},{n}", "qXfer:{raw}"),
    *("qSearch:memory:{n};{n};{raw}", "qCRC:{n},{n}", "vCont?", "vCont;{raw}", "vCont;s:{n};c"),
    *("vFile:open:{hex},{n},{n}", "vFile:pread:{n},{n},{n}", "vFile:{raw}", "vKill;1", "v{raw}"),
    *("X{n},{n}:{raw}", "C{hex}", "S{hex};{n}", "bs", "bc", "b{raw}", "q{raw}", "Q{raw}", "{raw}"),
    *("qRcmd,{line}", "qRcmd,{line}20{hex}"),
)
LINES = ("help", "waits", "harts", "events", "ita", "uart.lsr", "store uart.scr", "snapshot")
ADDRESSES = (0, 1, 4, TCDM, TCDM + 0x2_0000, 0x1020_1000, 0x1C00_8000, 0xFFFF_FFFF, 0xFFFF_FFFC)
LEAVING = (b"D", b"k", b"vKill")


def random_packet(chance: random.Random) -> bytes:
    """A packet that looks like one of gdb's, or like none."""
    packet = chance.choice(TEMPLATES)
    while "{n}" in packet:
        number = chance.choice((chance.choice(ADDRESSES), chance.getrandbits(chance.randrange(40))))
        packet = packet.replace("{n}", f"{number:x}", 1)
    packet = packet.replace("{d}", str(chance.randrange(6)))
    packet = packet.replace("{hex}", chance.randbytes(chance.randrange(20)).hex())
    packet = packet.replace("{line}", chance.choice(LINES).encode().hex())
    data = packet.encode().replace(b"{raw}", chance.randbytes(chance.randrange(12)))
    if chance.random() < 0.2 and data:
        at = chance.randrange(len(data))
        data = data[:at] + chance.randbytes(1) + data[at + 1 :]
    return data


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A target that nobody runs."""
    session = session_of(counting(tmp_path_factory.mktemp("target") / "counting.elf"))
    debuggee = Debuggee(session, lambda stop: Resume(), session.machine.snapshot())
    commands = session.plugins.named("vplat_monitor_commands", "name", "command", session=session)
    debuggee.control.set_out()
    monitor = Monitor(debuggee, commands.values(), may_write=False)
    return Target(debuggee, monitor, lambda text: None)


@settings(max_examples=max(PACKETS // PACKETS_TOGETHER, 1))
@given(st.randoms(use_true_random=False))
def test_no_packet_raises_anything(target: Target, chance: random.Random) -> None:
    for _ in range(PACKETS_TOGETHER):
        answer = target.answer(random_packet(chance))
        assert answer.data is None or len(answer.data) < 1 << 20


def test_random_packets_and_bytes_do_not_stop_the_server(tmp_path: Path) -> None:
    def talk(gdb: Client) -> None:
        chance = random.Random(1)  # noqa: S311 - no secret
        with contextlib.suppress(EOFError, ConnectionError):  # the run may come to its end
            for _ in range(300):
                packet = escape(random_packet(chance))
                if not packet.startswith(LEAVING):
                    gdb.send(packet)
                gdb.send_bytes(chance.randbytes(chance.randrange(8)) + b"\x03")
                gdb.receive_whatever_there_is()
            gdb.send(b"k")

    # Where a packet has made the server let go of the client, nobody is left to end the run.
    debugged(session_of(spins(tmp_path / "spins.elf"), max_cycles=3_000_000), talk)
