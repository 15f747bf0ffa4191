"""Starting and stopping, with real processes: whatever is killed, nothing is left and nothing is lost."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest

from linli.ops.local_ca import LocalCA, lan_names
from linli.ops.postgres import Cluster
from tests.ops.house import House, free_port, hold_stream, linli, read, wait_until


def test_ctrl_c_with_an_open_stream_stops_everything_in_seconds(open_house):
    house = open_house().wait_for("按 Ctrl-C 停止")
    assert read(house.port) == b"page"
    stream = hold_stream(house.port + 1)
    assert len(house.all_pids()) >= 8

    began = time.monotonic()
    os.killpg(house.process.pid, signal.SIGINT)  # what the terminal does: to every process of the group

    assert house.process.wait(15) == 0
    assert time.monotonic() - began < 8
    assert house.all_pids() == set()
    assert "已停止" in house.said
    stream.close()


def test_a_killed_supervisor_leaves_no_process(open_house):
    house = open_house().wait_for("按 Ctrl-C 停止")
    stream = hold_stream(house.port + 1)

    house.process.kill()
    house.process.wait()

    house.wait_until_gone()
    assert "database system is shut down" in (house.home / "log/postgres.log").read_text()
    stream.close()


@pytest.mark.slow
def test_a_supervisor_killed_at_any_moment_of_its_start_leaves_no_process(open_house):
    for seconds in (0.3, 0.6, 0.9, 1.2, 1.6, 2.0):
        house = open_house()
        time.sleep(seconds)
        house.process.kill()
        house.process.wait()
        house.wait_until_gone()


def test_a_child_that_dies_is_started_again_and_so_is_the_database(open_house):
    house = open_house().wait_for("按 Ctrl-C 停止")
    web, database = _child_with(house, "stand_in:page"), _child_with(house, str(house.home))

    os.kill(web, signal.SIGKILL)
    os.kill(database, signal.SIGKILL)

    house.wait_for("web 停了").wait_for("数据库停了")
    wait_until(lambda: _reads(house.port))
    wait_until(Cluster(house.home).answers)


def test_a_data_directory_that_vanished_is_not_replaced_by_an_empty_one(open_house):
    house = open_house().wait_for("按 Ctrl-C 停止")

    shutil.rmtree(Cluster(house.home).data)
    os.kill(_child_with(house, str(house.home)), signal.SIGKILL)

    assert house.process.wait(20) == 1
    assert "不见了" in house.said and not Cluster(house.home).data.exists()


def _child_with(house: House, word: str) -> int:
    """The pid of the supervisor's own child with `word` in its command line."""
    children = Path(f"/proc/{house.process.pid}/task/{house.process.pid}/children").read_text().split()
    return next(int(pid) for pid in children if word in Path(f"/proc/{pid}/cmdline").read_text())


def _reads(port: int, path: str = "/") -> bool:
    try:
        return bool(read(port, path))
    except OSError:
        return False


def test_idle_browsers_do_not_shut_others_out(shared_house):
    house = shared_house
    idle = [socket.create_connection(("127.0.0.1", house.port), timeout=5) for _ in range(600)]
    for browser in idle:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert browser.recv(100)

    assert read(house.port) == b"page"
    for browser in idle:
        browser.close()


def test_each_child_is_told_only_the_logins_it_needs(shared_house):
    house = shared_house
    told = {}
    for pid in house.all_pids() - {house.process.pid}:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
        name = re.search(r"stand[_-]in:(\w+)", words)
        if name:
            env = Path(f"/proc/{pid}/environ").read_bytes().decode()
            told[name[1]] = set(re.findall(r"LINLI_DB_(\w+)=", env))

    assert told == {
        "page": {"APP"},
        "stream": {"APP"},
        "worker": {"APP"},
        "relay": {"APP", "AUDIT"},
        "seed": {"APP", "OWNER"},
    }


def test_a_demo_that_could_not_be_filled_is_still_open(open_house):
    house = open_house(STAND_IN_SEED_FAILS="1").wait_for("示范数据没有建完")

    assert read(house.port) == b"page"


def test_a_second_supervisor_says_where_the_first_is(shared_house):
    first = shared_house

    second = House(first.home, PORT=str(first.port + 1))

    assert second.process.wait(20) == 1
    assert f"已经在 http://localhost:{first.port} 运行" in second.said and "换端口" in second.said
    assert read(first.port) == b"page"


def test_reset_waits_until_nobody_uses_the_demo(shared_house):
    second = House(shared_house.home, "--reset")

    assert second.process.wait(20) == 1 and f"进程 {shared_house.process.pid}" in second.said


def test_a_supervisor_that_shares_the_database_takes_it_over(open_house):
    first = open_house().wait_for("邻里已打开")
    second = open_house().wait_for("只共用数据库").wait_for("按 Ctrl-C 停止")

    first.process.terminate()

    assert first.process.wait(15) == 0
    second.wait_for("数据库停了")
    wait_until(Cluster(second.home).answers)


def test_a_taken_port_is_named_with_a_way_out(open_house):
    port = free_port()
    with socket.create_server(("127.0.0.1", port + 1)):
        house = open_house(PORT=str(port))
        assert house.process.wait(20) == 1

    assert f"端口 {port + 1}（实时消息）" in house.said and "PORT=" in house.said


def test_a_port_that_is_no_number_is_explained(home):
    done = linli(home, "demo", PORT="eight")

    assert done.returncode == 1 and "PORT" in done.stderr and "Traceback" not in done.stderr


def test_somebody_elses_server_is_used_and_left_running(open_house, home):
    server = Cluster(home.with_name("server"), durable=False).start()
    try:
        house = open_house(DATABASE_URL=server.admin_url).wait_for("按 Ctrl-C 停止")
        assert not (house.home / "postgres").exists()
        house.process.terminate()
        assert house.process.wait(15) == 0
        assert server.answers()
        with psycopg.connect(server.admin_url) as connection:
            assert connection.execute("SELECT 1 FROM pg_database WHERE datname = 'linli'").fetchone()
    finally:
        server.destroy()


def test_on_the_lan_pages_come_by_https_that_the_local_ca_vouches_for(open_house):
    house = open_house("--lan").wait_for("按 Ctrl-C 停止")
    wait_until(lambda: _reads(house.port + 2, "/linli-ca.crt"))
    certificate = read(house.port + 2, "/linli-ca.crt")
    trusting = ssl.create_default_context(cadata=certificate.decode())

    with urllib.request.urlopen(f"https://127.0.0.1:{house.port}/", context=trusting, timeout=10) as answer:
        assert answer.read() == b"page"
    with pytest.raises(urllib.error.HTTPError):
        read(house.port + 2, "/ca.key")
    if lan_names()[0] == "127.0.0.1":
        assert "没有找到局域网地址" in house.said
    else:
        assert LocalCA(house.home / "ca").fingerprint in house.said


@pytest.mark.slow
def test_the_real_house_opens_answers_and_leaves_nothing_behind(open_house, home):
    house = open_house("serve", module="linli").wait_for("按 Ctrl-C 停止")
    assert urllib.request.urlopen(f"http://localhost:{house.port}/", timeout=30).status == 200
    done = linli(home, "doctor", PORT=str(house.port))
    assert done.returncode == 0, done.stdout

    house.process.kill()
    house.process.wait()

    house.wait_until_gone()
    again = open_house("serve", module="linli").wait_for("按 Ctrl-C 停止")
    assert "正在建表" in house.said and "正在建表" not in again.said  # the second start has nothing to migrate
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(20) == 0
    assert again.all_pids() == set()
