/** Everything about a show's media: warnings, the host's uplink, layers, viewers, nodes; for admins a capture. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { post } from "../../core/api";
import { compact, duration, number } from "../../core/i18n";
import { problemText } from "../../core/problems";
import { user } from "../../core/session";
import type { MediaLayer, MediaViewer, ShowMedia } from "../../core/types_console";
import { Button } from "../../design/button";
import { cx } from "../../design/class_names";
import { Banner, EmptyState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import { CaptureCard } from "./capture_card";
import { part, rate, span, warningText } from "./media_state";
import { m } from "./media_text";

const LOSSY = 0.05;
const FAR = 0.4;

export function MediaDetails({ show, media }: { show: string; media: ShowMedia | null }) {
  const admin = user.value?.role === "admin";
  if (!media) {
    return (
      <section class="cs-media" aria-label={m("media")} data-testid="media-details">
        <Skeleton height="120px" />
      </section>
    );
  }
  return (
    <section class="cs-media" aria-label={m("media")} tabIndex={0} data-testid="media-details">
      {media.warnings.map((one) => (
        <Banner key={one.code} tone={one.level === "bad" ? "bad" : "warn"}>
          {warningText(one)}
        </Banner>
      ))}
      {media.verdict === "off" ? (
        <EmptyState icon="signal-off" title={m("none")} text={m("none_text")} />
      ) : (
        <Figures media={media} />
      )}
      {media.layers.length > 0 && <Layers layers={media.layers} />}
      <Viewers viewers={media.viewers} all={media.crowd.viewers} />
      {media.nodes.length > 0 && <Nodes nodes={media.nodes} admin={admin} />}
      {admin && <CaptureCard show={show} possible={media.publisher !== null} />}
    </section>
  );
}

function Fact({ name, children, bad }: { name: string; children: ComponentChildren; bad?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={cx("num", bad && "cs-media__bad")}>{children}</dd>
    </div>
  );
}

function Figures({ media }: { media: ShowMedia }) {
  const { publisher, crowd } = media;
  return (
    <>
      {publisher && (
        <>
          <h3>{m("publisher")}</h3>
          <dl class="cs-media__facts">
            <Fact name={m("bitrate")}>{rate(publisher.bitrate)}</Fact>
            <Fact name={m("loss")} bad={publisher.loss > 0.02}>
              {part(publisher.loss)}
            </Fact>
            <Fact name={m("round_trip")} bad={(publisher.round_trip ?? 0) > 0.3}>
              {span(publisher.round_trip)}
            </Fact>
            <Fact name={m("jitter")}>{span(publisher.jitter)}</Fact>
            <Fact name={m("path")}>{`${publisher.transport.toUpperCase()} · IPv${publisher.ip}`}</Fact>
          </dl>
        </>
      )}
      <h3>{m("viewers")}</h3>
      <dl class="cs-media__facts">
        <Fact name={m("viewers")}>{compact(crowd.viewers)}</Fact>
        <Fact name={m("loss")}>{part(crowd.loss)}</Fact>
        <Fact name={m("round_trip")}>{span(crowd.round_trip || null)}</Fact>
        <Fact name={m("first_half")}>{crowd.first_frame_p50 === null ? "–" : `≤ ${span(crowd.first_frame_p50)}`}</Fact>
        <Fact name={m("first_most")}>{crowd.first_frame_p95 === null ? "–" : `≤ ${span(crowd.first_frame_p95)}`}</Fact>
        <Fact name={m("lossy")} bad={crowd.lossy > 0}>
          {number(crowd.lossy)}
        </Fact>
        <Fact name={m("far")} bad={crowd.far > 0}>
          {number(crowd.far)}
        </Fact>
        <Fact name={m("waiting")} bad={crowd.waiting > 0}>
          {number(crowd.waiting)}
        </Fact>
        {crowd.paused > 0 && <Fact name={m("paused")}>{number(crowd.paused)}</Fact>}
        {Object.entries(crowd.by_path).map(([path, count]) => (
          <Fact key={path} name={pathName(path)}>
            {number(count)}
          </Fact>
        ))}
      </dl>
    </>
  );
}

/** "udp4" → "UDP · IPv4" */
function pathName(path: string): string {
  return `${path.slice(0, 3).toUpperCase()} · IPv${path.slice(3)}`;
}

function Layers({ layers }: { layers: MediaLayer[] }) {
  return (
    <Table title={m("layers")} head={[m("layer"), m("codec"), m("bitrate"), m("loss"), m("viewers"), m("more")]} testid="media-layers">
      {layers.map((one) => (
        <tr key={`${one.kind} ${one.layer}`}>
          <th scope="row">
            {one.kind === "audio" ? m("audio") : one.layer ? <code>{one.layer}</code> : m("video")}
            {one.width > 0 && <small class="muted num">{`${one.width} × ${one.height}`}</small>}
          </th>
          <td>{one.codec}</td>
          <td class={cx(!one.alive && "muted")}>{one.alive ? rate(one.bitrate) : m("silent")}</td>
          <td class={cx(one.loss > 0.02 && "cs-media__bad")}>{part(one.loss)}</td>
          <td>{compact(one.viewers)}</td>
          <td>{compact(one.retransmitted)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Viewers({ viewers, all }: { viewers: MediaViewer[]; all: number }) {
  if (viewers.length === 0) return <p class="muted small">{m("nobody")}</p>;
  const title = (
    <>
      {m("viewers")}{" "}
      <small class="muted">
        {m("worst")} · {m("of", { n: viewers.length, all: Math.max(all, viewers.length) })}
      </small>
    </>
  );
  const head = [m("viewer"), m("loss"), m("round_trip"), m("layer"), m("first_frame"), m("bitrate"), m("path"), m("more")];
  return (
    <Table title={title} head={head} testid="media-viewers">
      {viewers.map((one) => (
        <tr key={one.session}>
          <th scope="row" title={one.user_id}>
            {one.name || m("unknown")}
            <small class="muted num">{duration(one.seconds)}</small>
          </th>
          <td class={cx(one.loss > LOSSY && "cs-media__bad")}>{part(one.loss)}</td>
          <td class={cx((one.round_trip ?? 0) > FAR && "cs-media__bad")}>{span(one.round_trip)}</td>
          <td>{one.paused ? m("paused") : one.layer ? <code>{one.layer}</code> : "–"}</td>
          <td class={cx(one.waiting && "cs-media__bad")}>{one.waiting ? m("waiting") : span(one.first_frame)}</td>
          <td>{one.estimate === null ? "–" : rate(one.estimate)}</td>
          <td>{pathName(`${one.transport}${one.ip}`)}</td>
          <td>{compact(one.retransmitted)}</td>
        </tr>
      ))}
    </Table>
  );
}

interface TableProps {
  title: ComponentChildren;
  head: string[];
  testid: string;
  children: ComponentChildren;
}

function Table({ title, head, testid, children }: TableProps) {
  return (
    <>
      <h3 id={testid}>{title}</h3>
      <div class="cs-media__table" role="region" aria-labelledby={testid} tabIndex={0}>
        <table class="num" data-testid={testid}>
          <thead>
            <tr>
              {head.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
    </>
  );
}

function Nodes({ nodes, admin }: { nodes: ShowMedia["nodes"]; admin: boolean }) {
  const [busy, setBusy] = useState("");
  const open = async (node: string) => {
    setBusy(node);
    try {
      const { url } = await post<{ url: string }>(`/api/console/nodes/${encodeURIComponent(node)}/debug`);
      const link = document.createElement("a");
      Object.assign(link, { href: url, target: "_blank", rel: "noopener" });
      link.click();
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy("");
    }
  };
  return (
    <>
      <h3>{m("node")}</h3>
      <ul class="cs-media__nodes">
        {nodes.map(({ node, origin, viewers }) => (
          <li key={node}>
            <code>{node}</code>
            <span class="muted small num">
              {origin ? m("origin") : m("relay")} · {m("viewers_of", { n: viewers })}
            </span>
            {admin && (
              <Button size="s" icon="share" busy={busy === node} aria-label={m("debug", { node })} onClick={() => void open(node)} data-testid="node-debug">
                {m("debug_page")}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
