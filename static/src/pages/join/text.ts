import { words } from "../../core/i18n";

export const t = words({
  zh: {
    title: "加入门店 · Nearlive",
    invited: "{store} 邀请你加入",
    as: "成为{role}。填好下面三项就可以开始。",
    until: "邀请有效期至 {when}",
    join: "加入",
    cannot: "这个邀请用不了",
    sign_in: "我已有账号，去登录",
    retry: "重试",
    loading: "载入中",
  },
  en: {
    title: "Join a store · Nearlive",
    invited: "{store} invites you",
    as: "Your role there: {role}. Fill in three things and you are in.",
    until: "The invitation is good until {when}",
    join: "Join",
    cannot: "This invitation cannot be used",
    sign_in: "I have an account: sign in",
    retry: "Try again",
    loading: "Loading",
  },
});
