"""Plausible Chinese names for people who arrive without one: an imported graph, a demo's crowd.

The surnames are China's most frequent; a surname's weight is roughly how many in ten thousand bear it. Given
names are one or two characters, two far more often, from characters parents choose. A name follows from
its secret bytes alone, so the same seed names the same person again.
"""

from bisect import bisect_right
from itertools import accumulate

SURNAMES = (
    "王725 李719 张683 刘538 陈453 杨308 黄223 赵229 吴205 周212 徐167 孙154 马129 朱126 "
    "胡131 郭115 何117 林113 高110 罗86 郑94 梁85 谢72 宋72 唐65 许66 韩68 邓62 "
    "冯64 曹57 彭58 曾58 肖56 田52 董51 潘45 袁47 蔡46 蒋47 余48 于44 杜45 "
    "叶43 程46 魏45 苏47 吕46 丁43 任42 卢47 姚40 沈41 钟40 姜40 崔39 谭38 "
    "陆37 范37 汪36 廖36 石34 金34 韦33 贾33 夏32 付32 方31 邹30 熊30 白29 "
    "孟29 秦28 邱28 侯27 江27 尹26 薛26 闫25 段25 雷25 龙24 黎24 史23 陶23 "
    "贺22 毛22 郝22 顾22 龚21 邵21 万20 覃20 武19 钱19 戴19 严18 莫18 孔18 "
    "向17 常17 欧阳11 上官2 司马2 诸葛1"
)
FIRSTS = (
    "子梓雨思佳晓文志建国明海春秋玉美丽雪红秀桂凤金银宝福庆永长德光荣家立正新华中大小天俊嘉欣诗一浩宇泽若可心语"
    "静婷慧敏爱素兰菊彩翠云月星辰瑞祥耀振东卫兴旺富贵学书世仁义礼智信友善敬业和平安宁康健乐悦怡宜亦奕逸依伊艺"
)
SECONDS = (
    "伟强磊军勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林阳峰洋琳玲芳娜敏静丽艳娟霞秀燕红梅兰英慧萍莉"
    "婷雪倩怡欣悦佳洁薇蓉瑶璐颖妍涵轩睿泽晨航博文豪翔琪萱彤馨月晴岚珊露莹琴凤桂珍珠菊荷莲云霏然成才林森海江河山川"
)
SINGLES = (
    "伟芳娜敏静丽强磊洋艳勇军杰娟涛超霞平刚辉鹏飞玲鑫波斌宇浩凯健俊帆旭宁琳婷雪倩怡欣悦佳洁薇瑶颖妍轩睿晨航博"
)
SINGLE_IN_100 = 17
"""How many in a hundred have a given name of one character."""

_NAMES = tuple(entry.rstrip("0123456789") for entry in SURNAMES.split())
_UPTO = tuple(
    accumulate(int(entry.lstrip(name)) for name, entry in zip(_NAMES, SURNAMES.split(), strict=True))
)


def chinese_name(secret: bytes) -> str:
    """A name of two to four characters from at least 16 secret bytes; equal bytes, equal name."""
    assert len(secret) >= 16
    words = [int.from_bytes(secret[at : at + 4]) for at in range(0, 16, 4)]
    surname = _NAMES[bisect_right(_UPTO, _below(_UPTO[-1], words[0]))]
    if _below(100, words[1]) < SINGLE_IN_100:
        return surname + SINGLES[_below(len(SINGLES), words[2])]
    first = FIRSTS[_below(len(FIRSTS), words[2])]
    second = SECONDS[_below(len(SECONDS), words[3])]
    return surname + first + second


def _below(n: int, word: int) -> int:
    # A name may lean by one part in millions; what decides money goes through `uniform_below`.
    return word * n >> 32
