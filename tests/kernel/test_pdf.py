"""PDF files: every script has its glyphs, nothing is fetched, and the process that makes them may fail."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from learninghub import pdf
from learninghub.http import health
from learninghub.pdf import renderer, system
from tests.support.pdf import text_of

NAMES = {
    "Latin": "Zoë Müller-Łukaszewska",
    "Vietnamese": "Nguyễn Thị Hồng Ngọc",
    "Greek": "Ελένη Παπαδοπούλου",
    "Cyrillic": "Наталья Щербакова",
    "Arabic": "فاطمة الزهراء",
    "Urdu": "ڈاکٹر گل پری",
    "Hebrew": "שירה כהן",
    "Devanagari": "अनन्या देव",
    "Chinese": "王小明",
    "rare Chinese": "㐂𠮷",
    "Japanese": "山田 たろう カナ",
    "Korean": "김민준",
    "Bengali": "বনলতা",
    "Tamil": "மலர்",
    "Telugu": "రమ",
    "Thai": "สมชาย ใจดี",
    "Georgian": "ნინო",
    "Armenian": "Արամ",
    "Ethiopic": "አበበ",
    "signs": "Python 🐍 → ∞ ★",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "page.css").write_text("p { font: 20pt var(--display) }")
    return tmp_path


def page(body, *, title="Page"):
    return f'<!doctype html><html lang="en"><head><title>{title}</title></head><body>{body}</body></html>'


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_in_every_script_has_its_glyphs(folder, name):
    with capture_logs() as warnings:
        content = pdf.render(html=page(f"<p>{name}</p>"), base=folder, stylesheets=["page.css"])

    assert warnings == []
    assert len(text_of(content).strip()) >= len(name.replace(" ", "")) * 0.5


def test_a_script_without_a_font_is_told(folder):
    with capture_logs() as warnings:
        pdf.render(html=page("<p>Ꮳ</p>"), base=folder, stylesheets=["page.css"])

    assert [(entry["event"], "U+13E3" in entry["warning"]) for entry in warnings] == [("child.warning", True)]


def test_the_same_page_gives_the_same_bytes_in_another_process(folder):
    first = pdf.render(html=page("<p>Ada</p>"), base=folder, stylesheets=["page.css"])
    renderer._renderer.end()

    assert pdf.render(html=page("<p>Ada</p>"), base=folder, stylesheets=["page.css"]) == first
    assert pdf.render(html=page("<p>Eve</p>"), base=folder, stylesheets=["page.css"]) != first


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:3000/healthz",
        "https://example.org/x.png",
        "ftp://example.org/x.png",
        "asset:///../../../etc/hostname",
        "asset:///%2e%2e/%2e%2e/etc/hostname",
        "asset://elsewhere/page.css",
        "/etc/passwd",
        "../secret.png",
        "link.png",
        "page.key",
    ],
)
def test_only_packaged_assets_are_read(folder, address):
    (folder / "page.key").write_text("secret")
    (folder / "link.png").symlink_to("/etc/hostname")

    with pytest.raises(pdf.PdfFailed):
        pdf.render(html=page(f'<img src="{address}" alt="">'), base=folder)


def test_a_stylesheet_may_not_import_from_outside(folder):
    with pytest.raises(pdf.PdfFailed):
        pdf.render(html=page('<link rel="stylesheet" href="file:///etc/passwd">'), base=folder)


def test_a_machine_without_the_libraries_is_told_the_line_that_installs_them(folder, monkeypatch):
    monkeypatch.setattr(system, "_LIBRARIES", {"pango": ("libabsent.so.9",)})

    assert pdf.missing() == f"PDF files need pango: {system.INSTALL_LINE}"
    with pytest.raises(pdf.PdfUnavailable, match=system.INSTALL_LINE):
        pdf.render(html=page("<p>Ada</p>"), base=folder)


def test_a_bare_python_may_ask_what_is_missing():
    root = Path(__file__).resolve().parents[2]
    answer = subprocess.run(
        [sys.executable, "-S", "learninghub/pdf/system.py"], cwd=root, capture_output=True, check=False
    )
    assert (answer.returncode, answer.stderr) == (0, b"")


@pytest.mark.django_db
def test_readiness_says_what_is_missing(client, monkeypatch):
    assert "PDF" not in str(client.get("/readyz").json["missing"])

    monkeypatch.setattr(system, "_LIBRARIES", {"pango": ("libabsent.so.9",)})
    assert client.get("/readyz").json == {"status": "ready", "missing": [pdf.missing()]}
    assert pdf.missing in health._wanting


def test_a_page_that_takes_too_long_is_stopped_and_the_next_is_made(folder, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(renderer, "PAGE_SECONDS", 0.0)
        with pytest.raises(pdf.PdfUnavailable, match="too long"):
            pdf.render(html=page("<p>Ada</p>" * 500), base=folder)

    assert text_of(pdf.render(html=page("<p>Ada</p>"), base=folder)).strip() == "Ada"


def test_a_killed_process_is_replaced(folder):
    pdf.render(html=page("<p>Ada</p>"), base=folder)
    renderer._renderer._process._popen.kill()
    renderer._renderer._process._popen.wait()

    assert text_of(pdf.render(html=page("<p>Ada</p>"), base=folder)).strip() == "Ada"


def test_the_process_has_no_secrets_and_a_cap_on_memory(folder, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    renderer._renderer.end()
    pdf.render(html=page("<p>Ada</p>"), base=folder)
    process = Path(f"/proc/{renderer._renderer._process._popen.pid}")

    assert b"SECRET_KEY" not in process.joinpath("environ").read_bytes()
    assert f"{512 * 2**20}" in next(
        line for line in process.joinpath("limits").read_text().splitlines() if line.startswith("Max data size")
    )


@pytest.mark.parametrize("in_mid_work", [False, True])
def test_the_process_ends_and_tidies_up_when_its_parent_is_killed(folder, in_mid_work):
    root = Path(__file__).resolve().parents[2]
    program = f"""
import os, pathlib
from learninghub import pdf
from learninghub.pdf import renderer
draw = lambda: pdf.render(html={page("<p>Ada</p>")!r}, base=pathlib.Path({str(folder)!r}))
draw()
process = renderer._renderer._process
print(process._popen.pid, process._folder, flush=True)
die = lambda *_: os.kill(os.getpid(), 9)
if {in_mid_work}:
    process._read = die
    draw()
die()
"""
    said = subprocess.run([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, check=False).stdout
    pid, folder_of_child = said.decode().split()

    wait_until(lambda: not Path(f"/proc/{pid}").exists())
    assert not Path(folder_of_child).exists()


def wait_until(is_so):
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)
