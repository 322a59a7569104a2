"""Chance that falls the same everywhere: only `Random.random`, whose sequence Python guarantees for a seed."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

SEED = "shanliu/demo/1"

T = TypeVar("T")


class Dice:
    """Chances of one topic; each topic has its own, so that a change in one leaves the others as they are."""

    def __init__(self, topic: str) -> None:
        self._random = Random(f"{SEED}/{topic}").random  # noqa: S311  # a story, not a secret

    def whole(self, low: int, high: int) -> int:
        """Give a whole number from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def pick(self, things: Sequence[T]) -> T:
        """Choose one."""
        return things[int(self._random() * len(things))]

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """Choose several different ones, in their order."""
        left = list(range(len(things)))
        chosen = [left.pop(int(self._random() * len(left))) for _ in range(min(count, len(things)))]
        return [things[i] for i in sorted(chosen)]

    def chance(self, percent: int) -> bool:
        """Happen in so many of a hundred cases."""
        return self._random() * 100 < percent


SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹喻柏章苏潘葛范彭鲁韦马方任袁柳史唐薛雷贺汤"
)
GIVEN = (
    "文 玉 建 秀 志 春 海 雪 国 明 丽 晓 思 佳 子 雨 永 慧 淑 桂 德 宏 嘉 若 亦 景",
    "兰 华 芳 平 英 梅 琴 军 勇 杰 涛 敏 静 霞 峰 林 涵 轩 悦 宁 燕 萍 凯 蓉 清 辉",
)


def person(dice: Dice) -> str:
    """Invent the name of a person: three characters, in no list of real people."""
    return dice.pick(SURNAMES) + "".join(dice.pick(part.split()) for part in GIVEN)
