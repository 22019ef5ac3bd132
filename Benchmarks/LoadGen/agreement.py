"""Whether two sides agree: geometric means with intervals, their ratio, and a table of them."""

import math
import statistics

METRICS = {"single-stream": "p90 latency, ms", "offline": "samples/s"}
# How far the two may lie apart and still agree.
TOLERANCE = 0.05
# Student's t at 97.5 % for 1 to 10 degrees of freedom; the last for more, which is rather too wide.
T975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]


def interval(values):
    """The geometric mean with its 95 % interval by Student's t on logarithms; none of one value."""
    logs = [math.log(value) for value in values]
    middle = statistics.fmean(logs)
    if len(logs) < 2:
        return math.exp(middle), None
    half = (T975[min(len(logs) - 1, len(T975)) - 1]
            * statistics.stdev(logs) / math.sqrt(len(logs)))
    return math.exp(middle), [math.exp(middle - half), math.exp(middle + half)]


def rows_of(rounds, scenarios):
    """A row a scenario, of the rounds in which both sides gave a value."""
    rows = []
    for scenario in scenarios:
        pairs = [(one[scenario]["ours"]["value"], one[scenario]["loadgen"]["value"])
                 for one in rounds
                 if all("value" in one[scenario][side] for side in ["ours", "loadgen"])]
        row = {"scenario": scenario, "metric": METRICS[scenario], "rounds": len(pairs),
               "failed": len(rounds) - len(pairs), "agrees": False}
        if pairs:
            row["ours"], row["ours_ci95"] = interval([pair[0] for pair in pairs])
            row["loadgen"], row["loadgen_ci95"] = interval([pair[1] for pair in pairs])
            row["ratio"], row["ratio_ci95"] = interval([pair[1] / pair[0] for pair in pairs])
            row["agrees"] = abs(row["ratio"] - 1) <= TOLERANCE and not row["failed"]
        rows.append(row)
    return rows


def digits(value, ends):
    """A value with its interval in three significant digits."""
    def short(number):
        if number == 0:
            return "0"
        places = max(0, 2 - math.floor(math.log10(abs(number))))
        return f"{number:.{places}f}"
    return short(value) + (f" [{short(ends[0])}, {short(ends[1])}]" if ends else "")


def markdown(results):
    """The table with its conditions."""
    about = results["about"]
    commit = about.get("commit")
    threads = "1 thread" if results["threads"] == 1 else f"{results['threads']} threads"
    lines = [
        f"LoadGen {about.get('loadgen') or 'of unknown version'} and costcurve"
        + (f", commit `{commit[:10]}`," if commit else "")
        + f" on {about.get('machine', 'an unknown machine')}, {about.get('date', '')[:10]}; "
        + f"{results['network']}, {threads}, {results['engine']}; "
        + "95 % intervals over rounds, the ratio of values of the same round.",
        "",
        "| scenario | metric | costcurve | LoadGen | LoadGen / costcurve | within 5 % | rounds |",
        "|:--|:--|--:|--:|--:|:--|--:|"]
    for row in results["table"]:
        cells = ["n/a"] * 3 if "ratio" not in row else [
            digits(row["ours"], row["ours_ci95"]), digits(row["loadgen"], row["loadgen_ci95"]),
            digits(row["ratio"], row["ratio_ci95"]) + "x"]
        failed = f", {row['failed']} failed" if row["failed"] else ""
        lines.append("| " + " | ".join(
            [row["scenario"], row["metric"], *cells, "yes" if row["agrees"] else "no",
             f"{row['rounds']}{failed}"]) + " |")
    return "\n".join(lines) + "\n"
