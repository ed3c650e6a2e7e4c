import { get, post, type Listed } from './member';

export type Moment = 'redeemed' | 'taken' | 'refill';

type Choice = 'accept' | 'reject' | 'ban' | 'filter';

/**
 * Asks for subscribe messages, all that fit the moment in one panel, and tells the server what was chosen. WeChat shows the
 * panel only within a tap: so the ids are fetched before it, and this is called by the tap itself.
 */
export function askToSubscribe(moment: Moment, templateIds: string[]): Promise<void> {
  if (templateIds.length === 0) return Promise.resolve();
  return new Promise(resolve => {
    wx.requestSubscribeMessage({
      tmplIds: templateIds,
      success: answer => {
        const chosen = answer as unknown as Record<string, Choice>;
        const results = templateIds.filter(id => chosen[id]).map(templateId => ({ templateId, result: chosen[templateId] }));
        // What the panel was for is done already: when the server is not reached now, WeChat's own push tells it.
        post('/grants', { results, moment }, `grants:${moment}`).then(resolve, () => resolve());
      },
      // No panel: the person turned it off, or it was shown already. Nothing to tell.
      fail: () => resolve(),
    });
  });
}

/** Which templates fit a moment; none when they cannot be had, for the page does not depend on it. */
export async function templatesFor(moment: Moment): Promise<string[]> {
  try {
    return (await get<Listed<{ templateId: string; title: string }>>(`/subscribe-templates?moment=${moment}`)).items.map(item => item.templateId);
  } catch {
    return [];
  }
}
