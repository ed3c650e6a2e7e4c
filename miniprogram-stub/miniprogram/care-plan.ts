import { day } from './words';

export interface Line {
  id: string;
  title: string;
  dose: { amount: number; unit: string; timesPerDay: number; times: string[] } | null;
  task: 'complete_dose' | null;
  coveredUntil: string | null;
  daysLeft: number | null;
  nextRefill: { date: string; because: string[] } | null;
  pdc: { percent: number; from: string; until: string } | null;
  state: string;
}

export interface CarePlan {
  healthConsent: boolean;
  lines: Line[];
  today: { lineId: string; title: string; time: string; state: 'due' | 'taken' | 'skipped' }[];
  measurements: { id: string; kind: string; values: Record<string, number>; at: string; outOfRange: boolean; text: string }[];
  conditions: string[];
  allergies: string[];
}

/** From how many days on a refill is near. */
const soon = 7;

export function lineCard(line: Line) {
  const left = line.daysLeft;
  return {
    id: line.id,
    title: line.title,
    dose: line.dose ? `每次 ${line.dose.amount} ${line.dose.unit}，每天 ${line.dose.timesPerDay} 次` : '用法还没有填',
    task: line.task === 'complete_dose' ? '补全用法，才能算出还能吃几天' : '',
    left: left === null || left === undefined ? '' : String(Math.max(0, left)),
    soon: left !== null && left <= soon,
    refill: line.nextRefill ? `预计 ${day(line.nextRefill.date)} 前续购` : '',
  };
}
