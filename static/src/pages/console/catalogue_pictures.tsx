/** A product's pictures: add, order, describe, remove. */

import { useRef, useState } from "preact/hooks";
import { del, post, put, withQuery } from "../../core/api";
import { problemCode, problemText } from "../../core/problems";
import type { PictureEntry, ProductFile } from "../../core/types_catalogue";
import { Button, IconButton } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { TextInput } from "../../design/fields";
import { toast } from "../../design/toast";
import { c } from "./catalogue_text";

const MOST = 9;
/** An upload from a phone over a slow line takes its time. */
const PATIENCE = 120_000;

interface PictureListProps {
  product: ProductFile;
  onChanged: (product: ProductFile) => void;
  /** Somebody else has changed the product: it is to be read again. */
  onOvertaken: () => void;
  /** While something is on its way. */
  onBusy: (busy: boolean) => void;
}

export function PictureList({ product, onChanged, onOvertaken, onBusy }: PictureListProps) {
  const [busy, setBusy] = useState(false);
  const [doomed, setDoomed] = useState<PictureEntry | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const path = `/api/catalogue/products/${product.id}/pictures`;
  const latest = useRef(product);
  latest.current = product;
  const running = useRef(Promise.resolve());
  const tell = useRef(onChanged);
  tell.current = onChanged;
  /** One after another: each is a change of what the one before it has left. */
  const attempt = (work: () => Promise<ProductFile>, done?: string) => (running.current = running.current.then(() => once(work, done)));
  const once = async (work: () => Promise<ProductFile>, done?: string) => {
    setBusy(true);
    onBusy(true);
    try {
      const changed = await work();
      latest.current = changed;
      tell.current(changed);
      if (done) toast(done, "good");
    } catch (failure) {
      if (problemCode(failure) === "changed_since") onOvertaken();
      else toast(problemText(failure), "bad");
    } finally {
      setBusy(false);
      onBusy(false);
    }
  };
  const arrange = (edit: (pictures: PictureEntry[]) => PictureEntry[]) =>
    attempt(() => {
      const items = edit([...latest.current.pictures]).map(({ id, alt }) => ({ id, alt }));
      return put<ProductFile>(path, { items }, { match: latest.current.revision });
    });
  const move = (id: string, by: number) =>
    void arrange((pictures) => {
      const at = pictures.findIndex((one) => one.id === id);
      pictures.splice(at + by, 0, ...pictures.splice(at, 1));
      return pictures;
    });
  const add = (file: File | undefined) => {
    if (file) void attempt(() => post<ProductFile>(withQuery(path, {}), file, { timeout: PATIENCE }), c("picture_added"));
  };
  return (
    <section>
      <h3 class="sr-only">{c("pictures")}</h3>
      <p class="muted small">{product.pictures.length === 0 ? c("no_pictures") : c("pictures_hint")}</p>
      <ul class="ct-pictures">
        {product.pictures.map((picture, at) => (
          <li key={picture.id} data-testid="picture">
            <img src={picture.url} alt={picture.alt || c("picture_n", { n: at + 1 })} loading="lazy" />
            <div class="ct-pictures__main">
              <AltText
                key={picture.alt}
                picture={picture}
                onAlt={(alt) => void arrange((pictures) => pictures.map((one) => (one.id === picture.id ? { ...one, alt } : one)))}
              />
              <span class="ct-pictures__moves">
                <IconButton
                  icon="back"
                  class="ct-up"
                  size={20}
                  label={`${c("earlier")}: ${c("picture_n", { n: at + 1 })}`}
                  disabled={at === 0 || busy}
                  onClick={() => move(picture.id, -1)}
                />
                <IconButton
                  icon="back"
                  class="ct-down"
                  size={20}
                  label={`${c("later")}: ${c("picture_n", { n: at + 1 })}`}
                  disabled={at === product.pictures.length - 1 || busy}
                  onClick={() => move(picture.id, 1)}
                  data-testid="picture-later"
                />
                <IconButton
                  icon="trash"
                  size={20}
                  label={`${c("remove")}: ${c("picture_n", { n: at + 1 })}`}
                  disabled={busy}
                  onClick={() => setDoomed(picture)}
                  data-testid="picture-remove"
                />
              </span>
            </div>
          </li>
        ))}
      </ul>
      <input
        ref={input}
        class="sr-only"
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        accept="image/jpeg,image/png,image/webp"
        onChange={(event) => {
          add(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
        data-testid="picture-file"
      />
      {product.pictures.length < MOST && (
        <Button icon="plus" busy={busy} onClick={() => input.current?.click()} data-testid="picture-add">
          {c("add_picture")}
        </Button>
      )}
      <Confirm
        open={doomed !== null}
        title={c("remove_picture_q")}
        confirmLabel={c("remove")}
        cancelLabel={c("cancel")}
        danger
        onConfirm={() => {
          if (doomed) void attempt(() => del<ProductFile>(`${path}/${doomed.id}`));
          setDoomed(null);
        }}
        onClose={() => setDoomed(null)}
      />
    </section>
  );
}

/** Written when the field is left or Enter is pressed. */
function AltText({ picture, onAlt }: { picture: PictureEntry; onAlt: (alt: string) => void }) {
  const [text, setText] = useState(picture.alt);
  const sent = useRef(picture.alt);
  const write = () => {
    if (text.trim() === sent.current) return;
    sent.current = text.trim();
    onAlt(sent.current);
  };
  return (
    <TextInput
      label={c("alt")}
      hint={c("alt_hint")}
      value={text}
      maxLength={300}
      onValue={setText}
      onBlur={write}
      onKeyDown={(event) => event.key === "Enter" && write()}
      data-testid="picture-alt"
    />
  );
}
