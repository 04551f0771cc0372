// Figures and times as the reader's locale writes them. Money comes as a decimal string and is never
// calculated with; Intl takes the string as it is.

const locale = navigator.languages?.length ? [...navigator.languages] : undefined;

export function money(amount: string, currency: string): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount as unknown as number);
}

export function figure(value: string | number): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 4 }).format(value as unknown as number);
}

export function signed(value: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 4, signDisplay: "exceptZero" }).format(
    value as unknown as number,
  );
}

export function moment(time: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

export function clock(time: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
    new Date(time),
  );
}

export function hour(time: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "numeric" }).format(new Date(time));
}

export function day(date: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${date}T00:00Z`));
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function ago(time: string, now = Date.now()): string {
  const seconds = Math.round((new Date(time).getTime() - now) / 1000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return Math.abs(seconds) < 10 ? "now" : format.format(seconds, "second");
}

export function span(seconds: number): string {
  if (seconds < 60) return `${figure(seconds)} s`;
  if (seconds < 3600) return `${figure(Math.round(seconds / 60))} min`;
  return `${figure(Math.round(seconds / 3600))} h`;
}

// "partially_shipped" → "Partially shipped"
export function words(name: string): string {
  const text = name.replaceAll(/[_.]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// A quantity that nothing is left of. Decimal strings are canonical, so that zero has one form.
export function isZero(value: string): boolean {
  return value === "0" || value === "0.00";
}
