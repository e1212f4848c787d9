"""Which passwords are refused: too short, among the first that anybody tries, or made of words about this person or site.

No composition rules (ASVS 6.2.5): a long plain sentence is welcome. The thirty thousand passwords that leaks show most
(the list of zxcvbn) are refused as they stand (ASVS 6.2.4); beyond them the forms of guesses are recognised: a known word
dressed up with digits and signs, runs, repeats, keyboard walks, dates.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable

MIN_CHARACTERS = 8
ADVISED_CHARACTERS = 15
MAX_CHARACTERS = 256
_MIN_CONTEXT_WORD = 4
_KEYBOARD_ROWS = ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik", "!@#$%^&*()_+")
_LEET = str.maketrans("@4031!5$7+", "aaoeiisstt")
_EDGE = re.compile(r"^[^a-z一-鿿]+|[^a-z一-鿿]+$")
_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d")
_FAVOURITE_NUMBERS = frozenset(
    {"147258369", "5201314520", "1314520", "5201314", "147852369", "159357", "789456123", "741852963", "963852741"}
)
_SITE_WORDS = ("shandong", "market", "dashichang", "techmarket", "kejidashichang", "科技大市场")
# The stems of the passwords that public lists of leaks put first, in English, pinyin and names of keys and games.
_COMMON = frozenset(
    """
    password passwort passwd passw pass letmein welcome admin administrator root user guest test tester testing login master
    secret default changeme change temp temporary hello helloworld iloveyou love lovely loveme sunshine princess princesa
    monkey dragon shadow superman batman spiderman football baseball basketball soccer hockey michael jordan jennifer
    jessica ashley nicole daniel charlie thomas robert william andrew joshua matthew anthony hunter ranger killer ginger
    pepper summer winter spring autumn flower chocolate cookie cheese banana orange apple computer internet google
    microsoft windows linux ubuntu oracle mysql database server system security access manager office company business
    service support backup abcd abcde abcdef abcdefg abcdefgh abc asdf asdfgh asdfghjk asdfghjkl qwer qwert qwerty
    qwertyui qwertyuiop zxcv zxcvb zxcvbn zxcvbnm qaz qazwsx qazwsxedc wsx edc aaaa bbbb trustno trustnoone starwars
    pokemon naruto whatever freedom nothing forever family mother father sister brother angel angels jesus christ heaven
    merlin mustang corvette ferrari porsche mercedes yamaha harley maverick phoenix eagles tigger purple silver golden
    diamond crystal blessed happy lucky money dollar million success victory chelsea liverpool arsenal barcelona
    manchester london america canada china beijing shanghai guangzhou shenzhen jinan qingdao yantai weifang zibo
    woaini woaiwojia woaiziji wodemima mima mimashi zhongguo zhonghua nihao nihaoma wang wangwei wangjian liwei liming
    zhangwei zhangsan lisi wangwu laoshi xuexiao daxue gongsi keji jishu chanpin qiye dianzi wangluo diannao shouji
    aini ainiyiwannian yishengyishi tiantian baobao baobei qinaide laopo laogong xiaoxiao mingming dandan meimei
    woaibaba woaimama taobao alibaba tencent weixin wechat huawei xiaomi baidu jingdong letmeinnow opensesame sesame
    qweasd qweasdzxc asdqwe zaq zaqxsw xsw poiuytrewq lkjhgfdsa mnbvcxz asdzxc qwaszx azerty samsung iphone nokia android
    matrix gandalf hobbit frodo legolas aragorn stargate startrek enterprise pikachu minecraft fortnite warcraft
    counterstrike player gamer cowboy cowboys steelers yankees lakers redsox rangers dolphins packers patriots
    """.split()  # noqa: SIM905 - four hundred quoted words would be harder to read
)


def problems(password: str, *, about: Iterable[str] = ()) -> list[str]:
    """Codes of what is wrong with `password` (password_short, password_long, password_common, password_context).

    `about` are words that anybody who knows the person would try: name, the part of the address before the @.
    """
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < MIN_CHARACTERS:
        return ["password_short"]
    if len(plain) > MAX_CHARACTERS:
        return ["password_long"]
    if is_common(plain):
        return ["password_common"]
    return ["password_context"] if _is_about(plain, about) else []


def is_common(password: str) -> bool:
    """Is this a password that guessing lists begin with?"""
    lower = password.casefold()
    return (
        lower in leaked()
        or _is_known_word(lower)
        or _is_repeat(lower)
        or _is_run(lower)
        or _is_walk(lower)
        or bool(_DATE.fullmatch(lower))
    )


@functools.cache
def leaked() -> frozenset[str]:
    """The passwords seen most often in leaks, as far as they are long enough to be accepted at all.

    Read when a process is first given a new password: most processes never are, and the lists take fourteen megabytes.
    """
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MIN_CHARACTERS)


def _is_known_word(text: str) -> bool:
    """A known word, also doubled, written with signs for letters, or with digits and signs around it."""
    for candidate in (text, text.translate(_LEET), _EDGE.sub("", text).translate(_LEET)):
        core = _EDGE.sub("", candidate)
        letters = "".join(c for c in candidate if c.isalpha())
        for word in (core, letters):
            half = word[: len(word) // 2]
            if word in _COMMON or (half in _COMMON and word == half * 2):
                return True
    return False


def _is_repeat(text: str) -> bool:
    """Few different characters, or one short piece over and over."""
    if len(set(text)) <= 2:
        return True
    return any(text == (text[:n] * len(text))[: len(text)] for n in range(1, len(text) // 2 + 1) if n <= 4)


def _is_run(text: str) -> bool:
    """abcdefgh, 87654321, a1234567 and the like: every step the same small distance, perhaps after a letter or two."""
    text = text.strip("abcxyzqw!@#.") or text
    if text in _FAVOURITE_NUMBERS:
        return True
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(text)}
    return steps in ({1}, {-1}, {1, -9}, {-1, 9})


def _is_walk(text: str) -> bool:
    """Neighbouring keys, there or back, perhaps in two strokes."""
    rows = _KEYBOARD_ROWS + tuple(row[::-1] for row in _KEYBOARD_ROWS)
    pieces = [(text,)] + [(text[:n], text[n:]) for n in range(3, len(text) - 2)]
    return any(all(any(piece in row for row in rows) for piece in split) for split in pieces)


def _is_about(password: str, about: Iterable[str]) -> bool:
    """Does little remain when the words about person and site are taken out?"""
    rest = password.casefold()
    for word in sorted({*_words(about), *_SITE_WORDS}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < len(password) and len(rest) < MIN_CHARACTERS


def _words(about: Iterable[str]) -> Iterable[str]:
    for text in about:
        for word in re.split(r"[\W_]+", text.casefold()):
            if len(word) >= _MIN_CONTEXT_WORD or (len(word) > 1 and not word.isascii()):
                yield word
