"""How single characters and pairs of them sound, as pypinyin says it, from a small file: its own dictionary takes 50 MB and most of a second.

`data/sounds.txt` holds a line a syllable with its characters, then the pairs that sound otherwise than their characters do. It is made
by `python -m linli.core.sounds`; a test compares it with the library, character by character.
"""

from __future__ import annotations

from array import array
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent / "data" / "sounds.txt"
FIRST, LAST = 0x3400, 0x9FFF


class _Sounds:
    def __init__(self, text: str) -> None:
        self.syllables: list[str] = [""]
        self.of_char = array("H", bytes(2 * (LAST - FIRST + 1)))
        self.of_pair: dict[str, tuple[str, ...]] = {}
        singles, _, pairs = text.partition("\n\n")
        for line in singles.splitlines():
            syllable, chars = line.split(" ")
            for char in chars:
                self.of_char[ord(char) - FIRST] = len(self.syllables)
            self.syllables.append(syllable)
        for line in pairs.splitlines():
            pair, *sounds = line.split(" ")
            self.of_pair[pair] = tuple(sounds)

    def of(self, char: str) -> str:
        place = ord(char) - FIRST
        return self.syllables[self.of_char[place]] if 0 <= place < len(self.of_char) else ""


@cache
def _sounds() -> _Sounds:
    return _Sounds(FILE.read_text())


def sounds_of(text: str) -> tuple[str, ...] | None:
    """The syllables of one or two characters; None for what the file does not know, and for longer texts."""
    if not 0 < len(text) <= 2:
        return None
    known = _sounds()
    found = known.of_pair.get(text) or tuple(map(known.of, text))
    return found if all(found) else None


def written() -> str:
    """The file's text, from the library."""
    from pypinyin import Style, lazy_pinyin
    from pypinyin.constants import PHRASES_DICT

    def read(text: str) -> list[str]:
        return lazy_pinyin(text, style=Style.NORMAL, errors=lambda _: [])  # type: ignore[arg-type, return-value]

    single = {char: sounds[0] for char in map(chr, range(FIRST, LAST + 1)) if len(sounds := read(char)) == 1}
    chars: dict[str, list[str]] = {}
    for char, syllable in single.items():
        chars.setdefault(syllable, []).append(char)
    lines = [f"{syllable} {''.join(chars[syllable])}" for syllable in sorted(chars)]
    pairs = sorted(phrase for phrase in PHRASES_DICT if len(phrase) == 2 and all(char in single for char in phrase))
    told = [(pair, read(pair)) for pair in pairs]
    lines += ["", *(" ".join([pair, *read]) for pair, read in told if read != [single[char] for char in pair])]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(written())
