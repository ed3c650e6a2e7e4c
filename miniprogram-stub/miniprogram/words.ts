// Times come with +08:00 and days as dates, so what is shown is cut out of them: no phone's time zone takes part.

/** `1250` → `12.5`, `1200` → `12`. */
export function yuan(fen: number): string {
  return (fen / 100).toFixed(2).replace(/\.?0+$/, '');
}

/** `2026-11-05` → `11月5日`; with its year when that is not the one of `today`. */
export function day(date: string, today?: string): string {
  const [year, month, of] = date.slice(0, 10).split('-');
  const short = `${Number(month)}月${Number(of)}日`;
  return today && today.slice(0, 4) !== year ? `${year}年${short}` : short;
}

/** `2026-11-22T08:30:00+08:00` → `11月22日 08:30`. */
export function moment(instant: string): string {
  return `${day(instant)} ${instant.slice(11, 16)}`;
}

const ahead = 'clock-ahead';

/** Keeps how far the server's clock is from the phone's: a phone may be wrong, and a demo lives on a day of its own. */
export function setClock(now: string): void {
  wx.setStorageSync(ahead, Date.parse(now) - Date.now());
}

function serverNow(): number {
  return Date.now() + (Number(wx.getStorageSync(ahead)) || 0);
}

/** The civil day in China, `2026-11-22`. */
export function today(now: number = serverNow()): string {
  return new Date(now + 8 * 3600_000).toISOString().slice(0, 10);
}

/** The time of day in China, `08:30`. */
export function clock(now: number = serverNow()): string {
  return new Date(now + 8 * 3600_000).toISOString().slice(11, 16);
}

/** An instant as the server wants it. */
export function instant(date: string, time: string): string {
  return `${date}T${time}:00+08:00`;
}

/** `+20`, `−15`. */
export function signed(points: number): string {
  return points > 0 ? `+${points}` : `−${Math.abs(points)}`;
}

/** A long code in groups of four, unless it comes in groups. */
export function grouped(code: string): string {
  return /[\s-]/.test(code) ? code : code.replace(/(.{4})(?=.)/g, '$1 ');
}

/** An SVG text as the source of an image. */
export function picture(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}
