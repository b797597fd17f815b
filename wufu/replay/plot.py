"""A replay as pictures, PNG and text: the completion curve against history, taps a minute, cards."""

from datetime import timedelta, timezone
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from wufu.replay.plan import PEOPLE, Plan
from wufu.replay.report import Report

CHINA = timezone(timedelta(hours=8))
RED, GOLD, INK = "#c8102e", "#d9a441", "#3a2a1a"
BAR = 48


def draw_png(report: Report, plan: Plan, file: Path) -> None:
    """Write the plot. Raises OSError."""
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(11, 4.2), layout="constrained")
        FigureCanvasAgg(figure)
        curve, minutes, cards = figure.subplots(1, 3, width_ratios=(1.5, 1.2, 0.9))
        _draw_curve(curve, report)
        _draw_minutes(minutes, plan)
        _draw_cards(cards, report)
        figure.suptitle(
            f"The night of {report.campaign}: {report.people:,} people, {report.taps:,} taps, each drawn,"
            f" in {report.seconds:,.0f} s ({report.draws_per_second / 1e6:,.0f} million draws/s)",
            color=INK,
        )
        figure.savefig(file, dpi=130)


def _draw_curve(axes: mpl.axes.Axes, report: Report) -> None:
    times = [point.at.astimezone(CHINA) for point in report.completion]
    labels = [f"{time:%d %b %H:%M}" for time in times]
    axes.plot(
        range(len(times)),
        [point.scaled_to_2016 for point in report.completion],
        "o-",
        color=RED,
        label="replay",
    )
    known = [(place, point.history) for place, point in enumerate(report.completion) if point.history]
    axes.plot(*zip(*known, strict=True), "D", color=GOLD, markersize=8, label="published in 2016")
    axes.set_yscale("log")
    axes.set_xticks(range(len(times)), labels, rotation=40, ha="right")
    axes.set_title("Full sets (China time)" + ("" if report.people == PEOPLE else ", scaled to 170 million"))
    axes.legend(frameon=False)


def _draw_minutes(axes: mpl.axes.Axes, plan: Plan) -> None:
    weight = sum(map(sum, plan.minutes))
    place = 0
    for number, minutes in enumerate(plan.minutes, 1):
        taps = [plan.taps * share / weight / 1e9 for share in minutes]
        axes.bar(range(place, place + len(taps)), taps, color=RED if number % 2 else GOLD)
        axes.text(place + len(taps) / 2 - 0.5, max(taps) * 1.02, f"round {number}", ha="center")
        place += len(taps) + 1
    axes.set_xticks([])
    axes.set_title("Taps a minute, billions")


def _draw_cards(axes: mpl.axes.Axes, report: Report) -> None:
    names = [name for name in report.cards if name != "cash"]
    axes.barh(names, [max(report.cards[name], 1) for name in names], color=RED)
    axes.set_xscale("log")
    axes.set_title("Cards issued")


def draw_text(report: Report) -> str:
    """The completion curve as lines of text: a bar a point, on a logarithmic scale."""
    most = max([point.scaled_to_2016 for point in report.completion] + [10])
    lines = ["Full sets, scaled to 170 million people (bars are logarithmic)"]
    for point in report.completion:
        share = (
            len(str(point.scaled_to_2016)) - 1 + point.scaled_to_2016 / 10 ** len(str(point.scaled_to_2016))
        )
        bar = "█" * max(round(BAR * share / len(str(most))), 1 if point.full_sets else 0)
        known = f"   published: {point.history:,}" if point.history else ""
        time = point.at.astimezone(CHINA)
        lines.append(f"{time:%d %b %H:%M} {bar:<{BAR}} {point.scaled_to_2016:>9,}{known}")
    return "\n".join(lines)
