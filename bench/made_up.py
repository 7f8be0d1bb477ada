"""Made-up words and people in any number, always the same for the same seed."""

import random
from itertools import accumulate, islice

from goodword.finding.folding import tokens

_NAMES = (
    "Ellen Daniel Hannah Marsha Priya Dele Ines Jonas Olu Tom Ada Grace Alan Noor Mila Emil Luca "
    "Sofia Peter Karin Jürgen Zoë Chloé Björn Aoife Siobhan Mateo Lucía Wei Yuki Amara Kofi Fatima"
)
_ENDS = "son mann berg field worth ley ton ham well smith ford stein baum quist ez ini ova"
_SOUNDS = (
    "ba be bi bo bu da de di do fa fe ga go ha he ka ke ki la le li lo ma me mi mo na ne no pa "
    "pe po ra re ri ro sa se si so ta te ti to va ve wa we za"
)
GIVEN, ENDS, SOUNDS = _NAMES.split(), _ENDS.split(), _SOUNDS.split()
COMMON = "please"
PIECES, PIECE = 40_000, (4, 16)


class World:
    """Words as a language has them: few that stand everywhere, many that hardly do.

    Texts are put together from ready pieces, so that four million of them cost little; each piece
    knows its words as the index folds them.
    """

    def __init__(self, seed: int = 7, vocabulary: int = 30_000) -> None:
        self.chance = random.Random(seed)
        made: dict[str, None] = {COMMON: None, "the": None, "printer": None, "invoice": None}
        while len(made) < vocabulary:
            made["".join(self.chance.choices(SOUNDS, k=self.chance.randint(2, 5)))] = None
        self.words = list(made)
        weights = list(accumulate(1 / (place + 2) for place in range(vocabulary)))
        stream = iter(self.chance.choices(self.words, cum_weights=weights, k=PIECES * PIECE[1]))
        lengths = (self.chance.randint(*PIECE) for _ in range(PIECES))
        self.pieces = [" ".join(islice(stream, length)) for length in lengths]

    def text(self, chance: random.Random) -> tuple[str, str, str]:
        """A text of some forty words, its words as they are folded, and the order in it or ""."""
        count = min(max(int(chance.lognormvariate(1.2, 0.7)), 1), 60)
        said = " ".join(chance.choices(self.pieces, k=count))
        if chance.random() >= 0.15:
            return f"{said}.", said, ""
        number = order(chance)
        return f"{said} {number}.", f"{said} {' '.join(tokens(number))}", number

    def title(self, chance: random.Random) -> str:
        return " ".join(chance.choice(self.pieces).split(" ", 7)[:7])

    def name(self) -> str:
        root = "".join(self.chance.choices(SOUNDS, k=self.chance.randint(1, 3))).capitalize()
        return f"{self.chance.choice(GIVEN)} {root}{self.chance.choice(ENDS)}"


def order(chance: random.Random) -> str:
    return f"AB-{chance.randint(10_000, 99_999)}-{chance.randint(10, 99)}"
