"""The proxy of deploy/nginx as operators run it: Debian's nginx before the real server."""

import gzip
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from getpass import getuser
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from builders import a_form, a_round, an_installation, some_codes
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from served import AGENT, CLIENT, Served

from survey_app.services.installation import local_day
from survey_app.services.network import free_port

SITE = Path(__file__).parents[2] / "deploy" / "nginx" / "hailong.conf"
NAME = "khaosat.example.vn"
FORM = "application/x-www-form-urlencoded"
BEHIND = {"HAILONG_BASE_URL": f"https://{NAME}", "HAILONG_PROXIES": "1"}
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def a_certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    (folder / "chain.pem").write_bytes(made.public_bytes(pem))
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))


class Proxy:
    """nginx with the configuration of deploy/nginx, its ports and folders changed."""

    def __init__(self, folder, behind, second):
        folder.mkdir()
        a_certificate(folder)
        self.folder, self.open, self.secure = folder, free_port(), free_port()
        self.second = second
        text = SITE.read_text(encoding="utf-8")
        for ours, here in (
            ("server 127.0.0.1:8002", f"server 127.0.0.1:{second}"),
            ("127.0.0.1:8001", f"127.0.0.1:{behind}"),
            ("listen 80", f"listen 127.0.0.1:{self.open}"),
            ("listen 443", f"listen 127.0.0.1:{self.secure}"),
            ("/etc/ssl/hailong", str(folder)),
            ("/var/log/nginx", str(folder)),
            ("/var/lib/nginx", str(folder)),
        ):
            assert ours in text
            text = text.replace(ours, here)
        (folder / "site.conf").write_text(text, encoding="utf-8")
        kept = "".join(
            f"{name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"user {getuser()}; daemon off; pid {folder}/pid; error_log {folder}/error.log emerg;"
            f" events {{}} http {{ access_log {folder}/access.log; {kept} include site.conf; }}"
        )
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.trust = ssl.create_default_context(cafile=folder / "chain.pem")
        for _ in range(100):
            try:
                self.connect(self.secure).close()
                return
            except OSError:
                time.sleep(0.02)
        raise AssertionError((folder / "error.log").read_text())

    def connect(self, port):
        return socket.create_connection(("127.0.0.1", port), 10, source_address=(CLIENT, 0))

    def ask(self, method, path, body=None, *, host=NAME, **headers):
        link = HTTPConnection(NAME)
        link.sock = self.trust.wrap_socket(self.connect(self.secure), server_hostname=NAME)
        link.request(method, path, body, {"Host": host, "User-Agent": AGENT} | headers)
        answer = link.getresponse()
        text = answer.read()
        link.close()
        return answer.status, answer.headers, text

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def journey(tmp_path):
    """A round behind server and proxy: the proxy, the server, two codes."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    made = an_installation(tmp_path / "data")
    a_round(made, opens=local_day(), closes=local_day())
    codes = some_codes(made, "demo", {"demo.10507": 2})
    made.engine.dispose()
    served = Served(tmp_path / "data", tmp_path / "server.log", **BEHIND)
    try:
        proxy = Proxy(tmp_path / "nginx", served.port, free_port())
        try:
            yield proxy, served, codes
        finally:
            proxy.stop()
    finally:
        served.stop()


def test_a_journey_through_nginx_is_protected_and_leaves_no_trace(journey, tmp_path):
    proxy, _, (code, _) = journey
    status, headers, _ = proxy.ask("GET", f"/s/{code}")
    assert status == 303
    assert "Secure" in headers["Set-Cookie"]
    place = urlsplit(headers["Location"]).path
    cookie = headers["Set-Cookie"].partition(";")[0]
    for packed in ("br", "gzip"):
        status, headers, page = proxy.ask(
            "GET", place, **{"Cookie": cookie, "Accept-Encoding": packed}
        )
        assert (status, headers["Content-Encoding"]) == (200, packed)
        assert len(page) < 40_000
    assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    status, headers, _ = proxy.ask(
        "POST", place, urlencode(a_form(code=code)),
        **{"Content-Type": FORM, "Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert status == 303
    receipt = headers["Location"].rsplit("/", 1)[-1]
    assert proxy.ask("GET", f"/r/{receipt}")[0] == 200
    assert proxy.ask("GET", f"/{code}")[0] == 404
    assert proxy.ask("GET", "/f/0123-4567")[0] == 404
    assert proxy.ask("GET", "/health")[2].strip() == b'{"ok":true}'
    for host in (NAME, "127.0.0.1", "localhost"):
        if host == NAME:
            assert proxy.ask("GET", "/metrics", host=host)[0] == 404
        else:  # no answer at all under another name
            with pytest.raises(ConnectionError):
                proxy.ask("GET", "/metrics", host=host)
    status, headers, _ = proxy.ask("POST", place, b"x" * 70_000, **{"Content-Type": FORM})
    assert (status, headers["Strict-Transport-Security"]) == (413, "max-age=31536000")
    plain = HTTPConnection(NAME)
    plain.sock = proxy.connect(proxy.open)
    plain.request("GET", f"/s/{code}")
    moved = plain.getresponse()
    assert (moved.status, moved.headers["Location"]) == (308, f"https://{NAME}/s/{code}")
    plain.close()
    proxy.stop()

    log = (proxy.folder / "hailong.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines()]
    assert {line["path"] for line in lines} == {"/s/…", "/r/…", "/f/…", "/health", "/…"}
    assert {len(line["hour"]) for line in lines} == {len("2026-11-26T20")}
    traces = [CLIENT, AGENT, code, receipt, place, code.replace("-", ""), "0123-4567"]
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    for trace in traces:
        assert [path for path in kept if trace.encode() in path.read_bytes()] == []
    print(f"{len(lines)} lines of access log, {len(traces)} traces in {len(kept)} files: 0 hits")


def test_results_are_kept_in_nginx_and_never_what_is_somebodys(journey, tmp_path):
    proxy, served, _ = journey
    release = tmp_path / "data" / "releases" / "r"
    (release / "site").mkdir(parents=True)
    (release / "manifest.json").write_text('{"released_on": "2026-11-26"}')
    page = b"<!doctype html>" + 200 * b"<p>83,94%</p>"
    (release / "site" / "index.html").write_bytes(page)
    status, _, packed = proxy.ask("GET", "/ket-qua/", **{"Accept-Encoding": "gzip"})
    assert (status, gzip.decompress(packed)) == (200, page)
    assert proxy.ask("GET", "/ket-qua/")[::2] == (200, page)
    served.stop()
    # Whoever asks now, with whatever is hung on the address, gets the kept bytes.
    assert proxy.ask("GET", "/ket-qua/?a=1", **{"Accept-Encoding": "gzip"})[::2] == (200, packed)
    assert proxy.ask("GET", "/ket-qua/")[::2] == (200, page)
    assert proxy.ask("GET", "/")[0] == 502
    kept = [one for one in (proxy.folder / "hailong-results").rglob("*") if one.is_file()]
    assert len(kept) == 2
    assert all(b"/ket-qua/" in one.read_bytes() for one in kept)


def test_slow_phones_wait_in_nginx_and_hold_nobody_up(journey):
    proxy, served, (_, code) = journey
    begun = f"POST /s/f/x HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: {FORM}\r\nContent-Length: 900"
    slow = []
    for _ in range(60):  # the server has 16 threads
        link = proxy.trust.wrap_socket(proxy.connect(proxy.secure), server_hostname=NAME)
        link.sendall(f"{begun}\r\n\r\nc".encode())
        slow.append(link)
    began = time.perf_counter()
    assert proxy.ask("GET", f"/s/{code}")[0] == 303
    assert served.ask("GET", "/ready")[0] == 200
    took = time.perf_counter() - began
    for link in slow:
        link.close()
    print(f"two requests beside 60 slow phones: {took:.3f} s")
    assert took < 1.0


@pytest.mark.long
def test_one_server_after_the_other_is_restarted_and_nobody_notices(journey, tmp_path):
    proxy, first, codes = journey
    second = Served(tmp_path / "data", tmp_path / "second.log", proxy.second, **BEHIND)
    try:
        for code, gone in zip(codes, (first, second), strict=True):
            gone.stop()
            answers = [proxy.ask("GET", f"/s/{code}")[0] for _ in range(6)]
            sent = proxy.ask(
                "POST", "/s/f/x", urlencode(a_form(code=code)),
                **{"Content-Type": FORM, "Sec-Fetch-Site": "same-origin"},
            )  # fmt: skip
            assert (answers, sent[0]) == ([303] * 6, 303)
            gone.start()
            assert proxy.ask("GET", "/ready")[0] == 200
    finally:
        second.stop()


HEAD = f"Host: {NAME}\r\nContent-Type: {FORM}\r\nSec-Fetch-Site: same-origin\r\n"
INSIDE = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
# Where a proxy and a server disagree on where a request ends, one hides inside another.
TWO_WAYS = {
    "length and pieces": "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "unknown coding": "Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n\r\na=b",
    "two codings": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "blank before the colon": "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "two lengths": "Content-Length: 3\r\nContent-Length: 30\r\n\r\na=b",
    "two lengths in one": "Content-Length: 3, 30\r\n\r\na=b",
    "negative length": "Content-Length: -1\r\n\r\n",
    "length with a sign": "Content-Length: +3\r\n\r\na=b",
    "negative piece": "Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n",
    "piece without an end": "Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n" + "a" * 70_000,
    "words after a size": f"Transfer-Encoding: chunked\r\n\r\n3;{'x' * 60_000}\r\na=b\r\n0\r\n\r\n",
    "folded header": "X: a\r\n b\r\nContent-Length: 3\r\n\r\na=b",
}  # fmt: skip


def answers_to(link, raw):
    """Every status that comes back for some bytes, and all that was said."""
    said = b""
    with suppress(OSError):
        link.settimeout(2)
        link.sendall(raw)
        while part := link.recv(65536):
            said += part
    link.close()
    return [int(one) for one in re.findall(rb"HTTP/1\.[01] (\d{3})", said)], said


@pytest.mark.long
def test_what_two_servers_could_read_two_ways_hides_nothing_and_is_no_fault(journey):
    proxy, served, _ = journey
    for name, rest in TWO_WAYS.items():
        raw = f"POST /s/f/x HTTP/1.1\r\n{HEAD}{rest}{INSIDE}".encode()
        secure = proxy.trust.wrap_socket(proxy.connect(proxy.secure), server_hostname=NAME)
        plain = socket.create_connection(("127.0.0.1", served.port), 10)
        for link in (secure, plain):
            statuses, said = answers_to(link, raw)
            assert statuses, name
            assert set(statuses) <= {400, 413, 415, 501}, (name, statuses)
            assert b"hailong_" not in said, name
    assert served.ask("GET", "/ready")[0] == 200
