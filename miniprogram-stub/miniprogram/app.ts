import { readLarge } from './large-text';

export interface Shared {
  /** `large` or nothing: the class that every page puts on its root. */
  large: string;
  /** Unread messages, for the badge of the tab. */
  unread: number;
  /** Who wants to know when one of these changes. */
  watchers: Array<() => void>;
}

App<{ globalData: Shared }>({
  globalData: { large: readLarge() ? 'large' : '', unread: 0, watchers: [] },
});
