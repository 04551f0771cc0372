"""Draws a state diagram (the part of Mermaid's language that `stateset lifecycles` prints) as SVG, without a script.

Layers from the first state downwards; between two layers of states lies one of labels, so that no label covers another.
What goes back up is drawn as the other edges are, with its arrow at the upper end. Colours are the style sheet's.
"""
import hashlib
import html
import re

LINE = re.compile(r"\s*(\S+) --> (\S+?)(?:: (.+))?$")
CHARACTER, LABEL_CHARACTER = 8.2, 6.9  # pixels of width
NODE_HEIGHT, LAYER, BETWEEN, MARGIN = 34, 46, 22, 14
SWEEPS = 24


class Diagram:
    def __init__(self, text):
        self.states, self.edges, self.first, self.last, self.loops = [], {}, None, set(), {}
        for line in text.splitlines():
            found = LINE.match(line)
            if not found:
                continue
            start, end, label = found.groups()
            if start == "[*]":
                self.first = self.state(end)
            elif end == "[*]":
                self.last.add(self.state(start))
            elif start == end:
                self.loops.setdefault(self.state(start), []).append(label)
            else:
                self.edges.setdefault((self.state(start), self.state(end)), []).append(label)

    def state(self, name):
        if name not in self.states:
            self.states.append(name)
        return name

    # ---- layers

    def downward(self):
        """The edges without those that go back to where one has come from."""
        seen, above, down = set(), set(), []

        def visit(state):
            seen.add(state)
            above.add(state)
            for start, end in self.edges:
                if start == state and end not in above:
                    down.append((start, end))
                    if end not in seen:
                        visit(end)
            above.discard(state)

        for state in [self.first] + self.states:
            if state not in seen:
                visit(state)
        return down

    def layers(self, down):
        rank = {state: 0 for state in self.states}
        for _ in self.states:
            for start, end in down:
                rank[end] = max(rank[end], rank[start] + 1)
        return rank


class Layout:
    """Points with an order in their layer and a width; chains of them are the edges."""

    def __init__(self, diagram):
        self.diagram = diagram
        down = diagram.downward()
        rank = diagram.layers(down)
        self.width, self.layer, self.rows, self.chains = {}, {}, {}, []
        for state in diagram.states:
            loop = max((len(label) for label in diagram.loops.get(state, [])), default=0)
            self.add(state, 2 * rank[state], len(state) * CHARACTER + 26 + (2 * (loop * LABEL_CHARACTER + 26) if loop else 0))
        for start, end in diagram.edges:
            back = (start, end) not in down
            upper, lower = (end, start) if back else (start, end)
            first, last = 2 * rank[upper], 2 * rank[lower]
            middle = first + 1 if back or last - first == 2 else last - 1
            label = diagram.edges[start, end]
            chain = [upper]
            for layer in range(first + 1, last):
                point = (start, end, layer)
                self.add(point, layer, max(map(len, label)) * LABEL_CHARACTER + 10 if layer == middle else 4)
                chain.append(point)
            self.chains.append({"points": chain + [lower], "back": back, "label": label, "at": (start, end, middle)})
        self.order()
        self.place()

    def add(self, point, layer, width):
        self.width[point], self.layer[point] = width, layer
        self.rows.setdefault(layer, []).append(point)

    def neighbours(self, point, towards):
        for chain in self.chains:
            points = chain["points"]
            for one, other in zip(points, points[1:]):
                if one == point and towards > 0:
                    yield other
                elif other == point and towards < 0:
                    yield one

    def order(self):
        best, least = None, None
        for sweep in range(SWEEPS):
            towards = -1 if sweep % 2 == 0 else 1
            for layer in sorted(self.rows, reverse=towards > 0):
                row = self.rows[layer]
                at = {point: index for each in self.rows.values() for index, point in enumerate(each)}
                middle = {}
                for index, point in enumerate(row):
                    beside = [at[other] / max(1, len(self.rows[self.layer[other]]) - 1)
                              for other in self.neighbours(point, towards)]
                    middle[point] = sum(beside) / len(beside) if beside else index / max(1, len(row) - 1)
                row.sort(key=lambda point: middle[point])
            crossings = self.crossings()
            if least is None or crossings < least:
                best, least = {layer: list(row) for layer, row in self.rows.items()}, crossings
        self.rows = best

    def crossings(self):
        at = {point: index for row in self.rows.values() for index, point in enumerate(row)}
        links = [(self.layer[one], at[one], at[other]) for chain in self.chains
                 for one, other in zip(chain["points"], chain["points"][1:])]
        return sum((a[1] - b[1]) * (a[2] - b[2]) < 0 for i, a in enumerate(links) for b in links[i + 1:] if a[0] == b[0])

    def place(self):
        self.x = {}
        for row in self.rows.values():
            at = 0
            for point in row:
                self.x[point] = at + self.width[point] / 2
                at += self.width[point] + BETWEEN
        for sweep in range(SWEEPS * 2):
            towards = -1 if sweep % 2 == 0 else 1
            for layer in sorted(self.rows, reverse=towards > 0):
                self.settle(self.rows[layer], towards if sweep < SWEEPS * 2 - 2 else 0)
        left = min(self.x[point] - self.width[point] / 2 for point in self.x)
        for point in self.x:
            self.x[point] += MARGIN - left
        self.whole = max(self.x[point] + self.width[point] / 2 for point in self.x) + MARGIN

    def settle(self, row, towards):
        """Each as near as can be to the middle of its neighbours, in order and without touching: isotonic regression."""
        blocks, offset = [], 0
        for index, point in enumerate(row):
            if index:
                offset += (self.width[row[index - 1]] + self.width[point]) / 2 + BETWEEN
            sides = [towards] if towards else [-1, 1]
            beside = [self.x[other] for side in sides for other in self.neighbours(point, side)]
            wanted = sum(beside) / len(beside) if beside else self.x[point]
            blocks.append([wanted - offset, 1, [(point, offset)]])
            while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
                value, weight, points = blocks.pop()
                before = blocks[-1]
                before[0] = (before[0] * before[1] + value * weight) / (before[1] + weight)
                before[1] += weight
                before[2] += points
        for value, _, points in blocks:
            for point, offset in points:
                self.x[point] = value + offset


def y_of(layer):
    return MARGIN + 38 + layer * LAYER


def port(layout, state, chain, up):
    """Where an edge meets a state: those at one side share its width in the order of where they lead."""
    step = 1 if not up else -2
    ends = [(layout.x[other["points"][step if not up else -2]], id(other)) for other in layout.chains
            if other["points"][0 if not up else -1] == state]
    ends.sort()
    index = [number for _, number in ends].index(id(chain))
    room = len(state) * CHARACTER + 8
    return layout.x[state] - room / 2 + room * (index + 1) / (len(ends) + 1)


def curve(points):
    text = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        half = (y1 - y0) / 2
        text += f"C{x0:.1f} {y0 + half:.1f} {x1:.1f} {y1 - half:.1f} {x1:.1f} {y1:.1f}"
    return text


def edge(layout, chain, arrow):
    points = chain["points"]
    upper, lower = points[0], points[-1]
    half = NODE_HEIGHT / 2
    line = [(port(layout, upper, chain, up=False), y_of(layout.layer[upper]) + half)]
    line += [(layout.x[point], y_of(layout.layer[point])) for point in points[1:-1]]
    line += [(port(layout, lower, chain, up=True), y_of(layout.layer[lower]) - half)]
    if chain["back"]:
        line.reverse()
    x, y = layout.x[chain["at"]], y_of(layout.layer[chain["at"]])
    drawn = f'<path class="edge" d="{curve(line)}" marker-end="url(#{arrow})"/>'
    height = 15 * len(chain["label"])
    width = max(map(len, chain["label"])) * LABEL_CHARACTER + 4
    drawn_label = f'<rect class="behind" x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:.1f}" height="{height}"/>'
    for number, label in enumerate(chain["label"]):
        drawn_label += (f'<text class="label" x="{x:.1f}" y="{y - height / 2 + 11.5 + 15 * number:.1f}">'
                        f"{html.escape(label)}</text>")
    return drawn, drawn_label


def node(layout, state, arrow):
    diagram, x, y = layout.diagram, layout.x[state], y_of(layout.layer[state])
    width = len(state) * CHARACTER + 26
    kind = "state last" if state in diagram.last else "state"
    drawn = ""
    if state == diagram.first:
        top = y - NODE_HEIGHT / 2
        drawn += (f'<circle class="begin" cx="{x:.1f}" cy="{top - 24:.1f}" r="5"/>'
                  f'<path class="edge" d="M{x:.1f} {top - 19:.1f}V{top:.1f}" marker-end="url(#{arrow})"/>')
    if state in diagram.loops:
        right = x + width / 2
        drawn += (f'<path class="edge" d="M{right:.1f} {y - 7:.1f}C{right + 26:.1f} {y - 22:.1f} {right + 26:.1f} {y + 22:.1f} '
                  f'{right:.1f} {y + 7:.1f}" marker-end="url(#{arrow})"/>')
        for number, label in enumerate(diagram.loops[state]):
            drawn += f'<text class="label beside" x="{right + 24:.1f}" y="{y + 4 + 15 * number:.1f}">{html.escape(label)}</text>'
    return drawn + (f'<rect class="{kind}" x="{x - width / 2:.1f}" y="{y - NODE_HEIGHT / 2}" width="{width:.1f}" '
                    f'height="{NODE_HEIGHT}" rx="17"/><text class="name" x="{x:.1f}" y="{y + 4.5:.1f}">{html.escape(state)}</text>')


def as_list(diagram):
    moves = [(start, label, end) for (start, end), labels in diagram.edges.items() for label in labels]
    moves += [(state, label, state) for state, labels in diagram.loops.items() for label in labels]
    moves.sort(key=lambda move: diagram.states.index(move[0]))
    rows = "".join(f"<tr><td><code>{html.escape(start)}</code></td><td>{html.escape(label)}</td><td><code>{html.escape(end)}</code></td></tr>"
                   for start, label, end in moves)
    return ('<details><summary>The same as a table</summary><div class="table" tabindex="0"><table><thead><tr><th>From</th>'
            f"<th>Move</th><th>To</th></tr></thead><tbody>{rows}</tbody></table></div></details>")


def svg(text):
    diagram = Diagram(text)
    layout = Layout(diagram)
    height = y_of(max(layout.rows)) + NODE_HEIGHT / 2 + MARGIN
    arrow = "arrow-" + hashlib.sha256(text.encode()).hexdigest()[:8]
    edges = [edge(layout, chain, arrow) for chain in layout.chains]
    inside = "".join(line for line, _ in edges) + "".join(label for _, label in edges)
    inside += "".join(node(layout, state, arrow) for state in diagram.states)
    about = "Lifecycle: " + ", ".join(diagram.states)
    return (f'<figure class="lifecycle"><div tabindex="0"><svg role="img" aria-label="{html.escape(about)}" '
            f'viewBox="0 0 {layout.whole:.0f} {height:.0f}" width="{layout.whole:.0f}" height="{height:.0f}">'
            f'<defs><marker id="{arrow}" viewBox="0 0 8 8" refX="7.4" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path class="head" d="M0 0.6L8 4L0 7.4Z"/></marker></defs>'
            f"{inside}</svg></div>{as_list(diagram)}</figure>")
