/** How much of something is gone. */

/** A part of a whole, as words and as a bar; without a whole only the words. */
export function Share({ label, text, parts }: { label: string; text: string; parts: readonly number[] | null }) {
  return (
    <div class="pm-share">
      <p class="pm-share__text small">
        <span class="muted">{label}</span> <span class="num">{text}</span>
      </p>
      {parts !== null && (
        <div class="pm-share__bar" aria-hidden="true">
          {parts.map((part, at) => (
            <span key={at} style={{ width: `${Math.min(1, Math.max(0, part)) * 100}%` }} />
          ))}
        </div>
      )}
    </div>
  );
}
