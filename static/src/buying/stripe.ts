/** What of Stripe.js is used: its script comes from Stripe itself, as its terms ask, and takes the card in a frame of its own. */

interface StripeResult {
  error?: { type?: string; code?: string; decline_code?: string; message?: string };
}

interface PaymentElement {
  mount(target: HTMLElement): void;
  on(event: "ready" | "loaderror", listener: () => void): void;
  destroy(): void;
}

interface Elements {
  create(kind: "payment"): PaymentElement;
}

interface Stripe {
  elements(options: { clientSecret: string; appearance?: { theme: string }; locale?: string }): Elements;
  confirmPayment(options: { elements: Elements; redirect: "if_required"; confirmParams: { return_url: string } }): Promise<StripeResult>;
}

declare global {
  interface Window {
    Stripe?: (key: string) => Stripe;
  }
}

let loading: Promise<void> | null = null;

function load(url: string): Promise<void> {
  loading ??= new Promise<void>((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      reject(new Error("the script was not loaded"));
    });
    document.head.append(script);
  });
  return loading;
}

/** The form of one payment. */
export class StripeForm {
  private constructor(
    private readonly stripe: Stripe,
    private readonly elements: Elements,
    private readonly element: PaymentElement,
  ) {}

  /** Draws it into `target`; settles once it can be filled in. Throws when the script or the form does not come. */
  static async open(target: HTMLElement, script: string, key: string, secret: string, dark: boolean, locale: string): Promise<StripeForm> {
    await load(script);
    const stripe = window.Stripe?.(key);
    if (!stripe) throw new Error("the script is not what was expected");
    const elements = stripe.elements({ clientSecret: secret, appearance: { theme: dark ? "night" : "stripe" }, locale });
    const element = elements.create("payment");
    await new Promise<void>((resolve, reject) => {
      element.on("ready", resolve);
      element.on("loaderror", () => reject(new Error("the form was not loaded")));
      element.mount(target);
    });
    return new StripeForm(stripe, elements, element);
  }

  /** Pays; null when it went well or takes time, else the code of the refusal. */
  async confirm(returnTo: string): Promise<string | null> {
    const { error } = await this.stripe.confirmPayment({ elements: this.elements, redirect: "if_required", confirmParams: { return_url: returnTo } });
    return error ? (error.decline_code ?? error.code ?? "payment_failed") : null;
  }

  close(): void {
    this.element.destroy();
  }
}
