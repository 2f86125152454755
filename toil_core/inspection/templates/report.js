"use strict";
(() => {
  const began = performance.now();
  const data = JSON.parse(document.getElementById("data").textContent);
  const { job, bar } = data;
  const bars = bar.job.length;
  const colours = ["#4c78a8", "#f58518", "#54a24b", "#b279a2", "#9d755d", "#72b7b2", "#eeca3b", "#d67195"];
  const otherColour = "#8a93a0";
  const element = (name, text, parent) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  };
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const kindColour = (kind) => (kind >= 0 && kind < colours.length ? colours[kind] : otherColour);

  const time = (ms) => {
    if (ms < 1000) return `${Math.round(ms)} ms`;
    if (ms < 60000) return `${(ms / 1000).toFixed(1)} s`;
    const minutes = Math.floor(Math.round(ms / 1000) / 60);
    if (minutes < 60) return `${minutes} min ${Math.round(ms / 1000) % 60} s`;
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  };
  const size = (bytes) => {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let at = 0;
    while (bytes >= 1024 && at < units.length - 1) { bytes /= 1024; at += 1; }
    return at ? `${bytes.toFixed(1)} ${units[at]}` : `${bytes} B`;
  };

  // Which machine a lane belongs to.
  const hostOfLane = [];
  data.hosts.forEach(([name, lanes]) => { for (let lane = 0; lane < lanes; lane += 1) hostOfLane.push(name); });

  // The attempt of each job that counts, or else its last one.
  const barOfJob = new Int32Array(job.id.length).fill(-1);
  for (let one = 0; one < bars; one += 1) {
    const known = barOfJob[bar.job[one]];
    if (known < 0 || !bar.failed[one] || (bar.failed[known] && bar.start[known] < bar.start[one])) barOfJob[bar.job[one]] = one;
  }

  // The timeline

  const drawTimeline = () => {
    const canvas = document.getElementById("lanes");
    if (!canvas) return;
    const context = canvas.getContext("2d");
    const tip = document.getElementById("tip");
    const lanes = hostOfLane.length;
    const gutter = 4;
    const areaHeight = 54;
    const axisHeight = 22;
    const laneHeight = Math.max(1, Math.min(20, Math.floor(460 / lanes)));
    const hostGap = data.hosts.length > 1 && data.hosts.length < 30 ? 18 : 0;
    const tops = [];
    let below = areaHeight + axisHeight + 6;
    const hostTops = data.hosts.map(([, count]) => {
      const top = below;
      below += hostGap;
      for (let lane = 0; lane < count; lane += 1) { tops.push(below); below += laneHeight; }
      below += hostGap ? 4 : 0;
      return top;
    });
    const height = below + 6;
    const whole = Math.max(data.span, 1);
    let from = 0;
    let to = whole;
    let chosenKind = -2;
    let width = 0;
    // Later bars are drawn over earlier ones; those that failed over all others.
    const order = [...Array(bars).keys()].sort((a, b) => bar.failed[a] - bar.failed[b] || bar.start[a] - bar.start[b]);
    const x = (ms) => gutter + ((ms - from) / (to - from)) * (width - 2 * gutter);
    const at = (pixel) => from + ((pixel - gutter) / (width - 2 * gutter)) * (to - from);

    const drawArea = () => {
      const counts = new Float64Array(Math.ceil(width) + 2);
      for (let one = 0; one < bars; one += 1) {
        const left = x(bar.start[one]);
        const right = x(bar.start[one] + bar.wall[one]);
        if (right < 0 || left > width) continue;
        const first = Math.max(0, Math.floor(left));
        const last = Math.min(Math.ceil(width), Math.floor(right));
        if (first === last) { counts[first] += right - left; counts[first + 1] -= right - left; continue; }
        counts[first] += 1 - (left > 0 ? left - first : 0);
        counts[first + 1] += left > 0 ? left - first : 0;
        counts[last] -= 1;
      }
      let most = 1;
      let now = 0;
      for (let pixel = 0; pixel < width; pixel += 1) { now += counts[pixel]; counts[pixel] = now; most = Math.max(most, now); }
      context.fillStyle = style("--accent");
      context.globalAlpha = 0.35;
      for (let pixel = 0; pixel < width; pixel += 1) {
        const tall = ((areaHeight - 16) * Math.max(0, counts[pixel])) / most;
        context.fillRect(pixel, areaHeight - tall, 1, tall);
      }
      context.globalAlpha = 1;
      context.fillStyle = style("--quiet");
      context.fillText(`up to ${Math.round(most).toLocaleString("en")} at once`, gutter, 10);
    };

    const drawAxis = () => {
      const rough = (to - from) / Math.max(2, width / 110);
      const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5, 6e5, 12e5, 18e5, 36e5, 72e5, 216e5, 432e5, 864e5];
      const step = steps.find((one) => one >= rough) || Math.ceil(rough / 864e5) * 864e5;
      context.strokeStyle = style("--line");
      context.fillStyle = style("--quiet");
      for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) {
        const left = Math.round(x(tick)) + 0.5;
        context.beginPath();
        context.moveTo(left, areaHeight);
        context.lineTo(left, height);
        context.stroke();
        const text = tick === 0 ? "0" : time(tick).replace(".0 s", " s").replace(/ 0 (s|min)$/, "");
        context.fillText(text, Math.min(left + 4, width - context.measureText(text).width - 2), areaHeight + 15);
      }
    };

    const draw = () => {
      width = canvas.clientWidth;
      const scale = window.devicePixelRatio || 1;
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.style.height = `${height}px`;
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      context.font = "12px system-ui, sans-serif";
      drawArea();
      drawAxis();
      if (hostGap) {
        context.fillStyle = style("--ink");
        data.hosts.forEach(([name, count], number) => {
          context.fillText(`${name}, ${count} ${count === 1 ? "worker" : "workers"}`, gutter, hostTops[number] + 13);
        });
      }
      const failedColour = style("--failed");
      const thick = laneHeight > 4 ? laneHeight - 2 : Math.max(1, laneHeight - 0.5);
      for (const one of order) {
        const left = x(bar.start[one]);
        const right = x(bar.start[one] + bar.wall[one]);
        if (right < 0 || left > width) continue;
        const kind = job.kind[bar.job[one]];
        context.globalAlpha = chosenKind !== -2 && kind !== chosenKind ? 0.12 : 1;
        context.fillStyle = bar.failed[one] ? failedColour : kindColour(kind);
        const long = right - left;
        context.fillRect(left, tops[bar.lane[one]], Math.max(long > 3 ? long - 1 : long, bar.failed[one] ? 3 : 1), thick);
        if (bar.failed[one] && laneHeight > 8 && long > 9) {
          context.strokeStyle = style("--card");
          context.beginPath();
          context.moveTo(left + 2, tops[bar.lane[one]] + 2);
          context.lineTo(left + 7, tops[bar.lane[one]] + thick - 2);
          context.moveTo(left + 7, tops[bar.lane[one]] + 2);
          context.lineTo(left + 2, tops[bar.lane[one]] + thick - 2);
          context.stroke();
        }
        if (!bar.failed[one] && laneHeight > 13 && long > 46) {
          context.save();
          context.beginPath();
          context.rect(left, tops[bar.lane[one]], long - 4, thick);
          context.clip();
          context.fillStyle = "#ffffff";
          context.fillText(job.label[bar.job[one]], left + 4, tops[bar.lane[one]] + thick - 4);
          context.restore();
        }
      }
      context.globalAlpha = 1;
    };

    const show = (start, end) => {
      const span = Math.min(Math.max(end - start, Math.min(whole, 1)), whole);
      from = Math.min(Math.max(0, start), whole - span);
      to = from + span;
      window.requestAnimationFrame(draw);
    };
    const zoom = (factor, pixel) => {
      const fixed = at(pixel === undefined ? width / 2 : pixel);
      show(fixed - (fixed - from) * factor, fixed + (to - fixed) * factor);
    };
    const found = (pixel, row) => {
      const lane = tops.findIndex((top) => row >= top && row < top + laneHeight);
      if (lane < 0) return -1;
      let best = -1;
      let distance = 4;
      for (const one of order) {
        if (bar.lane[one] !== lane) continue;
        const left = x(bar.start[one]);
        const right = Math.max(x(bar.start[one] + bar.wall[one]), left + 1);
        const away = pixel < left ? left - pixel : pixel > right ? pixel - right : 0;
        if (away <= distance) { best = one; distance = away; }
      }
      return best;
    };

    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoom(event.deltaY > 0 ? 1.25 : 0.8, event.offsetX);
    }, { passive: false });
    let dragged = null;
    canvas.addEventListener("pointerdown", (event) => { dragged = { x: event.offsetX, from, to, moved: false }; canvas.setPointerCapture(event.pointerId); });
    canvas.addEventListener("pointerup", (event) => {
      const one = dragged && !dragged.moved ? found(event.offsetX, event.offsetY) : -1;
      dragged = null;
      if (one >= 0) find(job.id[bar.job[one]]);
    });
    canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
    canvas.addEventListener("pointermove", (event) => {
      if (dragged) {
        const by = ((dragged.x - event.offsetX) / (width - 2 * gutter)) * (dragged.to - dragged.from);
        dragged.moved = dragged.moved || Math.abs(dragged.x - event.offsetX) > 3;
        if (dragged.moved) show(dragged.from + by, dragged.to + by);
        return;
      }
      const one = found(event.offsetX, event.offsetY);
      tip.hidden = one < 0;
      canvas.style.cursor = one < 0 ? "grab" : "pointer";
      if (one < 0) return;
      tip.textContent = `${job.label[bar.job[one]]}${bar.failed[one] ? " (this attempt failed)" : ""}\n${time(bar.wall[one])}, began after ${time(bar.start[one])}\n${hostOfLane[bar.lane[one]]}, job ${job.id[bar.job[one]]}`;
      tip.style.left = `${Math.min(event.offsetX + 12, Math.max(0, width - 300))}px`;
      tip.style.top = `${event.offsetY + 14}px`;
    });
    canvas.addEventListener("keydown", (event) => {
      const step = (to - from) / 8;
      const acts = {
        ArrowLeft: () => show(from - step, to - step), ArrowRight: () => show(from + step, to + step),
        "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1.4), 0: () => show(0, whole), Home: () => show(0, whole),
      };
      if (acts[event.key] && !event.ctrlKey && !event.metaKey) { event.preventDefault(); acts[event.key](); }
    });
    document.getElementById("zoom-in").addEventListener("click", () => zoom(0.6));
    document.getElementById("zoom-out").addEventListener("click", () => zoom(1.6));
    document.getElementById("zoom-all").addEventListener("click", () => show(0, whole));

    const legend = document.getElementById("kinds-legend");
    const entry = (text, colour, kind) => {
      const button = element("button", undefined, element("li", undefined, legend));
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      const key = element("span", undefined, button);
      key.className = "key";
      key.style.background = colour;
      button.append(text);
      button.addEventListener("click", () => {
        const again = chosenKind === kind;
        legend.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", "false"));
        button.setAttribute("aria-pressed", String(!again));
        chosenKind = again ? -2 : kind;
        draw();
      });
    };
    const drawn = new Set(bar.job.map((one) => job.kind[one]));
    data.kinds.slice(0, colours.length).forEach((name, kind) => { if (drawn.has(kind)) entry(name, colours[kind], kind); });
    const others = data.kinds.length - colours.length;
    if (others > 0) { const item = element("li", undefined, legend); const key = element("span", undefined, item); key.className = "key"; key.style.background = otherColour; item.append(`${others} other kinds`); }
    if (bar.failed.includes(1)) { const item = element("li", undefined, legend); const key = element("span", undefined, item); key.className = "key failed"; item.append("✕ failed attempt"); }

    draw();
    new ResizeObserver(() => { if (canvas.clientWidth !== width) draw(); }).observe(canvas);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    document.documentElement.dataset.bars = String(bars);
  };

  // The list of jobs

  const input = document.getElementById("find");
  const choice = document.getElementById("order");
  const shown = 200;
  const wall = (one) => (barOfJob[one] < 0 ? -1 : bar.wall[barOfJob[one]]);
  const start = (one) => (barOfJob[one] < 0 ? Infinity : bar.start[barOfJob[one]]);
  const orders = {
    wall: (a, b) => wall(b) - wall(a),
    start: (a, b) => start(a) - start(b) || 0,
    memory: (a, b) => job.memory[b] - job.memory[a],
    label: (a, b) => (job.label[a] < job.label[b] ? -1 : job.label[a] > job.label[b] ? 1 : 0),
  };
  const list = () => {
    const wanted = input.value.trim().toLowerCase();
    const matches = [];
    for (let one = 0; one < job.id.length; one += 1) {
      const text = `${job.label[one]} ${job.id[one]} ${data.states[job.state[one]]}`.toLowerCase();
      if (!wanted || text.includes(wanted)) matches.push(one);
    }
    matches.sort(orders[choice.value]);
    const body = document.createDocumentFragment();
    for (const one of matches.slice(0, shown)) {
      const row = element("tr", undefined, body);
      const known = barOfJob[one];
      const ran = known >= 0;
      element("td", job.label[one], row);
      element("code", job.id[one], element("td", undefined, row));
      const state = element("td", undefined, row);
      const key = element("span", undefined, state);
      key.className = `key ${data.states[job.state[one]]}`;
      state.append(data.states[job.state[one]]);
      element("td", ran ? hostOfLane[bar.lane[known]] : "–", row);
      for (const text of [ran ? time(bar.start[known]) : "–", ran ? time(bar.wall[known]) : "–", job.memory[one] ? time(job.cpu[one]) : "–", job.memory[one] ? size(job.memory[one]) : "–"]) {
        element("td", text, row).className = "n";
      }
    }
    document.querySelector("#list tbody").replaceChildren(body);
    const count = matches.length.toLocaleString("en");
    document.getElementById("found").textContent = matches.length > shown ? `${count} jobs, the first ${shown} shown` : `${count} ${matches.length === 1 ? "job" : "jobs"}`;
  };
  const find = (text) => {
    input.value = text;
    list();
    document.getElementById("jobs").scrollIntoView();
    input.focus({ preventScroll: true });
  };
  input.addEventListener("input", list);
  choice.addEventListener("change", list);

  document.querySelectorAll(".copy").forEach((button) => button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
    }
  }));

  drawTimeline();
  list();
  document.documentElement.dataset.ready = String(Math.round(performance.now() - began));
})();
