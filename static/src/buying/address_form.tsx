import { useState } from "preact/hooks";

import { locate, place } from "../core/geo";
import { problemText } from "../core/problems";
import type { Address, Position } from "../core/types";
import { Button } from "../design/button";
import { TextArea, TextInput } from "../design/fields";
import { Banner } from "../design/notices";
import { PlacePicker } from "../map/place_picker";
import { CITY_CENTRE } from "../map/shanghai";
import { address } from "./address";
import { t } from "./text";

const PHONE = /^\+?[0-9][0-9 -]{5,18}[0-9]$/;

export interface AddressFormProps {
  /** Where the map begins when nothing is known of this person: the show's store. */
  near: Position | null;
  onSave: (address: Address) => void;
}

export function AddressForm({ near, onSave }: AddressFormProps) {
  const known = address.peek();
  const [name, setName] = useState(known?.name ?? "");
  const [phone, setPhone] = useState(known?.phone ?? "");
  const [text, setText] = useState(known?.text ?? "");
  const [position, setPosition] = useState<Position>(known?.position ?? place.peek()?.position ?? near ?? CITY_CENTRE);
  const [tried, setTried] = useState(false);
  const [locating, setLocating] = useState(false);
  const [geoError, setGeoError] = useState<unknown>(null);

  const wrong = {
    name: name.trim() === "" ? t("name_missing") : null,
    phone: PHONE.test(phone.trim()) ? null : t("phone_bad"),
    text: text.trim() === "" ? t("text_missing") : null,
  };

  async function useDevice() {
    setLocating(true);
    setGeoError(null);
    try {
      setPosition((await locate()).position);
    } catch (error) {
      setGeoError(error);
    } finally {
      setLocating(false);
    }
  }

  function submit(event: Event) {
    event.preventDefault();
    setTried(true);
    if (wrong.name || wrong.phone || wrong.text) {
      const form = event.currentTarget as HTMLFormElement;
      requestAnimationFrame(() => form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
      return;
    }
    onSave({ name: name.trim(), phone: phone.trim(), text: text.trim(), position });
  }

  return (
    <form class="stack" onSubmit={submit} noValidate data-testid="address-form">
      <TextInput
        label={t("address_name")}
        name="name"
        autocomplete="name"
        maxLength={60}
        value={name}
        onValue={setName}
        error={tried ? wrong.name : null}
        data-testid="address-name"
      />
      <TextInput
        label={t("address_phone")}
        type="tel"
        name="tel"
        autocomplete="tel"
        maxLength={20}
        value={phone}
        onValue={setPhone}
        error={tried ? wrong.phone : null}
        data-testid="address-phone"
      />
      <TextArea
        label={t("address_text")}
        placeholder={t("address_text_hint")}
        name="street-address"
        autocomplete="street-address"
        rows={2}
        maxLength={200}
        value={text}
        onValue={setText}
        error={tried ? wrong.text : null}
        data-testid="address-text"
      />
      <div class="stack buy-where">
        <div class="row">
          <span class="n-field__label grow">{t("address_where")}</span>
          <Button size="s" icon="locate" busy={locating} onClick={() => void useDevice()} data-testid="address-locate">
            {t("my_position")}
          </Button>
        </div>
        <PlacePicker value={position} zoom={15} onMove={setPosition} />
        <p class="muted small">{t("address_where_hint")}</p>
        {geoError !== null && <Banner tone="warn">{problemText(geoError)}</Banner>}
      </div>
      <Button variant="primary" size="l" wide type="submit" data-testid="address-save">
        {t("address_save")}
      </Button>
      <p class="muted small buy-centre">{t("address_kept")}</p>
    </form>
  );
}
