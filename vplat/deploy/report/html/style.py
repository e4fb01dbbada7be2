"""How the page looks: light and dark, on a screen and on paper."""

from __future__ import annotations

from typing import Final

LIGHT: Final = """
  --page: #f5f6f9; --panel: #ffffff; --ink: #15181e; --soft: #5a6372; --line: #e2e6ed;
  --track: #f0f2f6; --ita: #6a45e6; --dma: #0e8c86; --cores: #d9731a; --power: #c43a6b;
  --k0: #4a78f0; --k1: #ef8a2c; --k2: #2aa574; --k3: #d9528f; --k4: #9467d6; --k5: #c29b16;
  --k6: #1b9fc0; --k7: #8a6f5c; --k8: #98a1b0; --constant: #c9d0db; --shadow: 0 1px 2px #1018281a;
"""
DARK: Final = """
  --page: #0e1116; --panel: #161a22; --ink: #e9ecf2; --soft: #9aa5b8; --line: #2a313d;
  --track: #1d222c; --ita: #9a80ff; --dma: #35c0b8; --cores: #f39a4a; --power: #ee6f9b;
  --k0: #7096ff; --k1: #f5a04f; --k2: #48c795; --k3: #ee78ad; --k4: #b08bf0; --k5: #ddba44;
  --k6: #48bfdd; --k7: #b3937d; --k8: #7f8a9c; --constant: #3a4352; --shadow: none;
"""

RULES: Final = """
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums }
main, header, footer { max-width: 1240px; margin: 0 auto; padding: 0 24px }
header { display: flex; align-items: flex-end; gap: 24px; padding-top: 36px; padding-bottom: 20px }
header > div { flex: 1; min-width: 0 }
h1 { font-size: 30px; line-height: 1.15; letter-spacing: -.02em; margin: 0;
  overflow-wrap: anywhere }
h2 { font-size: 18px; letter-spacing: -.01em; margin: 0 }
h3 { font-size: 14px; margin: 0; font-weight: 600 }
p { margin: 0 } .soft, figcaption, caption { color: var(--soft) }
header p { color: var(--soft); margin-top: 6px }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 12px;
  box-shadow: var(--shadow); padding: 20px 22px 22px; margin: 0 0 18px }
.head { display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: baseline; margin-bottom: 14px }
.head p { color: var(--soft); font-size: 13.5px; flex: 1 1 300px }
button, input { font: inherit; color: inherit; background: var(--panel);
  border: 1px solid var(--line); border-radius: 7px; padding: 3px 10px }
button { cursor: pointer } button:hover { border-color: var(--soft) }
:focus-visible { outline: 2px solid var(--ita); outline-offset: 2px }
.tools { display: flex; gap: 8px; align-items: baseline; font-size: 13.5px }
.tools button { min-width: 34px }
.js { display: none } .has-js .js { display: flex }

.key { display: grid; grid-template-columns: repeat(6, 1fr); gap: 12px; margin: 0 0 18px }
.key .half { grid-column: span 3 } .key .third { grid-column: span 2 }
.key > div { background: var(--panel); border: 1px solid var(--line); border-radius: 12px;
  box-shadow: var(--shadow); padding: 13px 16px 12px }
.key dt { color: var(--soft); font-size: 13px } .key dd { margin: 0 }
.key .value { font-size: 23px; line-height: 1.35; font-weight: 650; letter-spacing: -.02em;
  white-space: nowrap }
.key .note { color: var(--soft); font-size: 12.5px }
.key .meter { margin-top: 7px }
.meter { height: 5px; border-radius: 3px; background: var(--track); overflow: hidden }
.meter i { display: block; height: 100%; border-radius: 3px; background: var(--c, var(--k0)) }

.readout { min-height: 45px; font-size: 13.5px; border-radius: 8px; background: var(--track);
  padding: 7px 12px; margin-bottom: 12px; color: var(--soft); display: flex; flex-wrap: wrap;
  gap: 2px 18px; align-items: center }
.readout b { color: var(--ink); font-weight: 600 }
.chart { display: grid; grid-template-columns: 92px 1fr; column-gap: 12px }
.lanes { position: relative; font-size: 12.5px; color: var(--soft); text-align: right }
.lanes span { position: absolute; right: 0; line-height: 1.1; white-space: nowrap;
  transform: translateY(-50%) }
.lanes b { color: var(--ink); font-weight: 600 }
.plot { position: relative; overflow: hidden; touch-action: pan-y; border-radius: 4px }
.has-js .plot { cursor: grab } .has-js .plot.moving { cursor: grabbing }
.plot svg, .map svg { display: block; width: 100% }
.track { fill: var(--track) } .ita { fill: var(--ita) } .dma { fill: var(--dma) }
.cores { fill: var(--cores) } .power { fill: var(--power) }
.k0 { --c: var(--k0) } .k1 { --c: var(--k1) } .k2 { --c: var(--k2) } .k3 { --c: var(--k3) }
.k4 { --c: var(--k4) } .k5 { --c: var(--k5) } .k6 { --c: var(--k6) } .k7 { --c: var(--k7) }
.k8 { --c: var(--k8) } svg .k { fill: var(--c); stroke: var(--panel); stroke-width: .4;
  vector-effect: non-scaling-stroke }
.hits rect { fill: transparent } .hits rect:hover, .hits rect.on { fill: var(--ink);
  fill-opacity: .09 }
.names { position: absolute; inset: 0 0 auto 0; height: 26px; pointer-events: none }
.names span { position: absolute; top: 0; line-height: 26px; padding: 0 5px; font-size: 11.5px;
  color: #fff; font-weight: 600; overflow: hidden; white-space: nowrap; text-overflow: ellipsis;
  text-shadow: 0 0 3px #0009 }
.axis { position: relative; height: 24px; font-size: 12px; color: var(--soft); overflow: hidden }
.axis span { position: absolute; top: 4px; transform: translateX(-50%); white-space: nowrap }
.axis span:first-child { transform: none } .axis span.end { transform: translateX(-100%) }

.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(430px, 1fr)); gap: 18px }
.columns section { margin: 0 } .columns { margin-bottom: 18px }
.stack { display: flex; height: 22px; border-radius: 6px; overflow: hidden; gap: 1px;
  margin-bottom: 12px }
.stack i { background: var(--c); min-width: 1px }
.swatch { display: inline-block; width: 10px; height: 10px; border-radius: 3px;
  background: var(--c); margin-right: 8px; flex: none }

table { border-collapse: collapse; width: 100%; font-size: 13.5px }
caption { text-align: left; font-size: 13px; padding-bottom: 8px }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 12.5px;
  border-bottom: 1px solid var(--line); padding: 6px 10px; white-space: nowrap }
td { padding: 5px 10px; border-bottom: 1px solid var(--line); vertical-align: top }
tbody tr:last-child td { border-bottom: 0 }
td:first-child, th:first-child { padding-left: 0 } td:last-child, th:last-child { padding-right: 0 }
tbody th { font-size: inherit; font-weight: 500; color: inherit }
tbody tr:last-child th { border: 0 }
thead td { border-bottom: 1px solid var(--line) }
.n { text-align: right; white-space: nowrap } .big { font-weight: 650 }
.pair { width: 34% } .pair .meter { margin: 5px 0 }
.scroll { overflow: auto; max-height: 680px; margin: 0 -22px; padding: 0 22px }
.scroll thead th { position: sticky; top: 0; background: var(--panel); z-index: 1;
  box-shadow: inset 0 -1px var(--line); border-bottom: 0 }
.layers td { border-bottom-color: var(--track) }
.layers tbody tr:hover { background: var(--track) }
.layers th button { border: 0; padding: 0; background: none; font-weight: 600; color: inherit }
.layers th[aria-sort] button { color: var(--ink) }
.layers th[aria-sort=ascending] button::before { content: "↑ " }
.layers th[aria-sort=descending] button::before { content: "↓ " }
.layers .name { min-width: 190px; max-width: 330px; overflow-wrap: anywhere }
.layers .name button { border: 0; padding: 0; background: none; text-align: left; display: flex;
  align-items: baseline } .layers .name button:hover { text-decoration: underline }
.layers .ops { color: var(--soft); font-size: 12px; max-width: 230px }
.layers .use { min-width: 78px } .layers .use .meter { margin-top: 2px }
.ratio { display: inline-block; padding: 0 8px; border-radius: 10px; font-weight: 600 }
.good { background: color-mix(in srgb, var(--k2) 18%, transparent) }
.fair { background: color-mix(in srgb, var(--k5) 20%, transparent) }
.poor { background: color-mix(in srgb, var(--power) 18%, transparent) }
.aside { color: var(--soft); font-size: 13px; margin-top: 12px }

figure { margin: 0 } .map + .map { margin-top: 26px } .map .head { margin-bottom: 8px }
.map .box { display: grid; grid-template-columns: 92px 1fr; column-gap: 12px }
.map .ticks { position: relative; font-size: 12px; color: var(--soft); text-align: right }
.map .ticks span { position: absolute; right: 0; transform: translateY(-50%); white-space: nowrap }
.map .ticks span:first-child { transform: none }
.map .ticks span:last-child { transform: translateY(-100%) }
.map svg { background: var(--track); border-radius: 4px }
.map rect { stroke: var(--panel); stroke-width: .5; vector-effect: non-scaling-stroke }
.map .s1 { fill-opacity: .85 } .map .s2 { fill-opacity: .7 } .map .s3 { fill-opacity: .55 }
.map rect.always { fill: var(--constant); stroke-width: .25 }
.map rect.reserved { fill: var(--k8); fill-opacity: .4 }
.map rect:hover { stroke: var(--ink); stroke-width: 1.5 }
.map .foot { display: flex; justify-content: space-between; grid-column: 2; color: var(--soft);
  font-size: 12px; padding-top: 3px }
footer { color: var(--soft); font-size: 13px; padding-bottom: 40px }
footer p + p { margin-top: 4px }

@media (max-width: 980px) {
  .key { grid-template-columns: repeat(3, 1fr) } .key .half { grid-column: span 3 }
  .key .third { grid-column: span 1 }
}
@media (max-width: 640px) {
  .key { grid-template-columns: repeat(2, 1fr) } .key .half, .key .third { grid-column: span 2 }
  main, header, footer { padding-left: 14px; padding-right: 14px }
  .columns { grid-template-columns: 1fr } .chart, .map .box { grid-template-columns: 62px 1fr }
  section { padding: 16px 14px } .scroll { margin: 0 -14px; padding: 0 14px }
}
@media print {
  body { background: #fff; font-size: 11pt } .js, .has-js .js, .readout { display: none }
  main, header, footer { max-width: none; padding: 0 0 12px }
  .head { break-after: avoid }
  .scroll { overflow: visible; max-height: none }
  section, .key > div { box-shadow: none; border-color: #ccc } section { break-inside: auto }
  figure, .key, tr, .columns section { break-inside: avoid } thead { display: table-header-group }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  .scroll thead th { position: static } .layers th[aria-sort] button::before { content: none }
  table { font-size: 8.5pt } td, th { padding: 2px 5px }
}
@page { margin: 14mm }
"""

STYLE: Final = (
    f":root {{ color-scheme: light dark; {LIGHT} }}\n"
    f"@media (prefers-color-scheme: dark) {{ :root {{ {DARK} }} }}\n"
    f":root[data-theme=light] {{ color-scheme: light; {LIGHT} }}\n"
    f":root[data-theme=dark] {{ color-scheme: dark; {DARK} }}\n"
    f"@media print {{ :root, :root[data-theme] {{ color-scheme: light; {LIGHT} }} }}\n"
    f"{RULES}"
)
