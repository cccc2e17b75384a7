import { words } from "../core/i18n";

/** What the components themselves say. */
export const t = words({
  zh: {
    close: "关闭",
    cancel: "取消",
    less: "减少",
    more: "增加",
    retry: "再试一次",
    was: "原价",
  },
  en: {
    close: "Close",
    cancel: "Cancel",
    less: "Less",
    more: "More",
    retry: "Try again",
    was: "Was",
  },
});
