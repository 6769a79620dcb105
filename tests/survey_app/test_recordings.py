"""Questions read aloud where an installation has a sound file for them."""

import io
import math
import struct
import wave

import pytest
from builders import a_round, some_codes

from survey_app.services.recordings import find_recordings

CITIZEN = ("citizen", "2026-1")


def a_tone() -> bytes:
    """A synthetic example: a fifth of a second of one tone, nobody's voice."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        wave_of = (int(8000 * math.sin(2 * math.pi * 440 * t / 8000)) for t in range(1600))
        sound.writeframes(b"".join(struct.pack("<h", one) for one in wave_of))
    return out.getvalue()


@pytest.fixture
def folder(installation):
    made = installation.settings.data.joinpath("audio", *CITIZEN, "vi")
    made.mkdir(parents=True)
    for name in (
        "intro.wav",
        "gioi_tinh.wav",
        "cau_9_01.ogg",
        "cau_9_01.mp3",
        "no_field.mp3",
        "x.exe",
    ):
        (made / name).write_bytes(a_tone())
    return made


def test_only_sound_files_of_fields_count_and_one_for_each(installation, folder):
    found = find_recordings(installation.settings, CITIZEN, "vi")
    assert {name: path.name for name, path in found.items()} == {
        "intro": "intro.wav",
        "gioi_tinh": "gioi_tinh.wav",
        "cau_9_01": "cau_9_01.mp3",
    }
    assert find_recordings(installation.settings, CITIZEN, "en") == {}
    assert find_recordings(installation.settings, CITIZEN, "../vi") == {}


def test_a_question_with_a_recording_can_be_heard_and_the_others_say_nothing(
    app, installation, folder
):
    a_round(installation)
    client = app.test_client()
    opened = client.get(f"/s/{some_codes(installation, 'demo')[0]}", follow_redirects=True)
    page = opened.get_data(as_text=True)
    assert page.count("<audio") == 3
    assert 'preload="none" src="/s/audio/citizen/2026-1/vi/gioi_tinh.wav"' in page
    assert "<audio" not in client.get(opened.request.path + "?lang=en").get_data(as_text=True)
    address = "/s/audio/citizen/2026-1/vi/gioi_tinh.wav"
    with client.get(address) as heard:
        assert (heard.status_code, heard.mimetype, heard.data) == (200, "audio/wav", a_tone())
    with client.get(address, headers={"Range": "bytes=0-9"}) as part:
        assert (part.status_code, len(part.data)) == (206, 10)


@pytest.mark.parametrize(
    "path",
    [
        "citizen/2026-1/vi/x.exe",
        "citizen/2026-1/vi/no_field.mp3",
        "citizen/2026-1/vi/..%2f..%2fgioi_tinh.wav",
        "citizen/2026-1/..%2f/gioi_tinh.wav",
        "nothing/2026-1/vi/gioi_tinh.wav",
        "..%2f..%2fkeys/2026-1/vi/gioi_tinh.wav",
    ],
)
def test_nothing_else_of_the_data_folder_is_sent(client, folder, path):
    assert client.get(f"/s/audio/{path}", follow_redirects=True).status_code == 404
