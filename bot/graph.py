"""A guideline drawn from its data: mermaid, dot, or a self-contained SVG."""

from collections.abc import Callable, Iterator, Mapping
from html import escape
from textwrap import wrap

from knowledge.model import Flow, Outcome, Question

BOX = 230  # width of a node in the SVG, in pixels
LINE = 16  # height of a text line
GAP_X, GAP_Y = 26, 86


def draw(flow: Flow, form: str) -> str:
    """*flow* as "mermaid", "dot" or "svg"."""
    return FORMATS[form](flow)


def edges(flow: Flow) -> Iterator[tuple[str, str, str]]:
    """(from, to, labels): options with the same target share an edge."""
    for node in flow.nodes.values():
        if isinstance(node, Question):
            targets: dict[str, list[str]] = {}
            for option in node.options:
                targets.setdefault(option.to, []).append(option.label.sie)
            for target, labels in targets.items():
                yield node.id, target, " / ".join(labels)


def text_of(node: Question | Outcome) -> str:
    return node.text.sie if isinstance(node, Question) else f"→ {node.concern}: {node.advice.sie}"


def mermaid(flow: Flow) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', "#quot;").replace("\n", "<br>") + '"'

    lines = ["flowchart TD"]
    for node in flow.nodes.values():
        left, right = ("{{", "}}") if isinstance(node, Question) else ("(", ")")
        lines.append(f"    {_name(node.id)}{left}{quoted(text_of(node))}{right}")
    lines += [f"    {_name(one)} -->|{quoted(label)}| {_name(two)}" for one, two, label in edges(flow)]
    return "\n".join(lines) + "\n"


def dot(flow: Flow) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    lines = [f"digraph {quoted(flow.id)} {{", "  node [fontname=sans-serif]; edge [fontname=sans-serif];"]
    for node in flow.nodes.values():
        shape = "box" if isinstance(node, Question) else "note"
        lines.append(f"  {quoted(node.id)} [shape={shape}, label={quoted(chr(10).join(wrap(text_of(node), 40)))}];")
    lines += [
        f"  {quoted(one)} -> {quoted(two)} [label={quoted(chr(10).join(wrap(label, 28)))}];"
        for one, two, label in edges(flow)
    ]
    return "\n".join([*lines, "}"]) + "\n"


def svg(flow: Flow) -> str:
    """Layers by the longest way from the start; nodes of a layer side by side."""
    layers = _layers(flow)
    texts = {node.id: wrap(text_of(node), 32) for node in flow.nodes.values()}
    places: dict[str, tuple[int, int, int]] = {}
    top = 50
    width = max(len(layer) for layer in layers) * (BOX + GAP_X) + GAP_X
    for layer in layers:
        height = max(len(texts[node_id]) for node_id in layer) * LINE + 18
        left = (width - len(layer) * (BOX + GAP_X) + GAP_X) // 2
        for node_id in layer:
            places[node_id] = (left, top, len(texts[node_id]) * LINE + 18)
            left += BOX + GAP_X
        top += height + GAP_Y
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}" '
        'role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(flow.title.sie)}</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#667"/></marker></defs>',
        f'<rect width="{width}" height="{top}" fill="#fff"/>',
        f'<text x="{GAP_X}" y="30" font-size="18" font-weight="bold">{escape(flow.title.sie)}</text>',
    ]
    parts += [_edge(places, one, two, label) for one, two, label in edges(flow)]
    parts += [
        _box(places[node.id], texts[node.id], is_question=isinstance(node, Question)) for node in flow.nodes.values()
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _layers(flow: Flow) -> list[list[str]]:
    depth = {flow.start: 0}
    pending = [flow.start]
    while pending:
        current = pending.pop()
        node = flow.nodes[current]
        for option in node.options if isinstance(node, Question) else ():
            if depth.get(option.to, -1) < depth[current] + 1:
                depth[option.to] = depth[current] + 1
                pending.append(option.to)
    layers: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for node_id in flow.nodes:
        if node_id in depth:
            layers[depth[node_id]].append(node_id)
    return layers


def _edge(places: Mapping[str, tuple[int, int, int]], one: str, two: str, label: str) -> str:
    x1, y1 = places[one][0] + BOX // 2, places[one][1] + places[one][2]
    x2, y2 = places[two][0] + BOX // 2, places[two][1]
    middle = (y1 + y2) // 2
    lines = wrap(label, 30)
    words = "".join(
        f'<tspan x="{x2}" dy="{0 if number == 0 else 12}">{escape(line)}</tspan>' for number, line in enumerate(lines)
    )
    return (
        f'<path d="M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}" fill="none" stroke="#667" marker-end="url(#tip)"/>'
        f'<text x="{x2}" y="{y2 - 12 * len(lines)}" font-size="10" fill="#333" text-anchor="middle">{words}</text>'
    )


def _box(place: tuple[int, int, int], lines: list[str], *, is_question: bool) -> str:
    x, y, height = place
    fill, radius = ("#e8f1fb", 4) if is_question else ("#eaf6ea", 14)
    words = "".join(
        f'<tspan x="{x + 10}" dy="{0 if number == 0 else LINE}">{escape(line)}</tspan>'
        for number, line in enumerate(lines)
    )
    frame = f'<rect x="{x}" y="{y}" width="{BOX}" height="{height}" rx="{radius}" fill="{fill}" stroke="#667"/>'
    return f'{frame}<text x="{x + 10}" y="{y + 20}">{words}</text>'


def _name(node_id: str) -> str:
    return "n_" + node_id.replace("-", "_")


FORMATS: Mapping[str, Callable[[Flow], str]] = {"mermaid": mermaid, "dot": dot, "svg": svg}
