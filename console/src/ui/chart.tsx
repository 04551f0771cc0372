// Small charts, drawn as SVG, with the figures as a table for those who do not see them.

export interface Bar {
  label: string;
  value: number;
  part?: number; // of the value, drawn apart
}

const width = 640;
const height = 150;
const foot = 18;

function ceiling(values: number[]): number {
  const most = Math.max(1, ...values);
  const size = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 5, 10].map((step) => step * size).find((limit) => limit >= most)!;
}

export function Bars({ bars, title, unit, partName }: { bars: Bar[]; title: string; unit: string; partName?: string }) {
  const top = ceiling(bars.map((bar) => bar.value));
  const room = height - foot;
  const step = width / Math.max(1, bars.length);
  const tall = (value: number) => (value / top) * (room - 8);
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={title} preserveAspectRatio="none">
        {[0.5, 1].map((share) => (
          <line key={share} class="rule" x1="0" x2={width} y1={room - tall(top * share)} y2={room - tall(top * share)} />
        ))}
        <line class="ground" x1="0" x2={width} y1={room} y2={room} />
        {bars.map((bar, place) => (
          <g key={bar.label + place}>
            <title>{`${bar.label}: ${bar.value} ${unit}`}</title>
            <rect class="reach" x={place * step} y="0" width={step} height={room} />
            <rect class="bar" x={place * step + step * 0.16} width={step * 0.68} y={room - tall(bar.value)} height={tall(bar.value)} rx="2" />
            {bar.part ? (
              <rect class="part" x={place * step + step * 0.16} width={step * 0.68} y={room - tall(bar.part)} height={tall(bar.part)} rx="2" />
            ) : null}
          </g>
        ))}
      </svg>
      <div class="chart-foot" aria-hidden="true">
        <span>{bars[0]?.label}</span>
        <span>{bars[Math.floor(bars.length / 2)]?.label}</span>
        <span>{bars.at(-1)?.label}</span>
      </div>
      <span class="chart-top" aria-hidden="true">{top}</span>
      <table class="visually-hidden">
        <caption>{title}</caption>
        <thead>
          <tr><th scope="col">When</th><th scope="col">{unit}</th>{partName && <th scope="col">{partName}</th>}</tr>
        </thead>
        <tbody>
          {bars.map((bar, place) => (
            <tr key={place}><th scope="row">{bar.label}</th><td>{bar.value}</td>{partName && <td>{bar.part ?? 0}</td>}</tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

// A line of the last samples, newest at the right.
export function Trace({ values, title }: { values: number[]; title: string }) {
  const top = ceiling(values);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map((value, place) => `${place * step},${height - 6 - (value / top) * (height - 20)}`).join(" ");
  return (
    <figure class="chart trace">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={title} preserveAspectRatio="none">
        <line class="ground" x1="0" x2={width} y1={height - 6} y2={height - 6} />
        {values.length > 1 && <polyline class="line" points={points} />}
      </svg>
    </figure>
  );
}

// How much of each there is, as horizontal bars with their names.
export function Levels({ rows, title }: { rows: { name: string; value: number; mark: number; text: string }[]; title: string }) {
  const top = Math.max(1, ...rows.map((row) => Math.max(row.value, row.mark)));
  return (
    <ul class="levels" aria-label={title}>
      {rows.map((row) => (
        <li key={row.name}>
          <span class="level-name">{row.name}</span>
          <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="trough" width="100" height="8" rx="2" />
            <rect class={row.value <= 0 ? "none" : "bar"} width={(Math.max(0, row.value) / top) * 100} height="8" rx="2" />
            <line class="mark" x1={(row.mark / top) * 100} x2={(row.mark / top) * 100} y1="0" y2="8" />
          </svg>
          <span class={`level-text ${row.value <= 0 ? "out" : ""}`}>{row.text}</span>
        </li>
      ))}
    </ul>
  );
}
