/** What the build made of the mini-program. */
export interface PageConfig {
  navigationBarTitleText?: string;
  navigationBarBackgroundColor?: string;
  enablePullDownRefresh?: boolean;
  component?: boolean;
  usingComponents?: Record<string, string>;
  styleIsolation?: string;
}

export interface Program {
  app: { pages: string[]; window: PageConfig; tabBar: { list: { pagePath: string; text: string }[] }; usingComponents: Record<string, string> };
  configs: Record<string, PageConfig>;
  style: string;
  templates: Record<string, unknown>;
  modules: Record<string, (require: (path: string) => unknown, module: { exports: object }, exports: object) => void>;
}

declare global {
  interface Window {
    miniProgram: Program;
  }
}

export const program = window.miniProgram;
