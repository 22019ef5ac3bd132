/// The style sheet of the page: light, dark, narrow and print in one.
enum PageStyle {
  static let text =
    Palette.stylesheet + #"""

      :root{color-scheme:light dark;--good:#0b6b4b;--bad:#a8261c;--wash:#f6f8fa;--mark:#fff3e8;
      --tip:#1b1f24;--tipink:#fff}
      @media screen and (prefers-color-scheme:dark){:root{--good:#63d6ab;--bad:#ff9d92;
      --wash:#1c2026;--mark:#3a2a1d;--tip:#e8eaed;--tipink:#15181d}}
      *{box-sizing:border-box}
      [hidden]{display:none!important}
      html{-webkit-text-size-adjust:100%;scroll-behavior:smooth;scroll-padding-top:4.5rem}
      @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
      body{margin:0;background:var(--paper);color:var(--ink);
      font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
      overflow-wrap:anywhere}
      .wrap{max-width:980px;margin:0 auto;padding:0 20px}
      .skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;z-index:9;
      background:var(--ink);color:var(--paper);padding:8px 12px}
      a{color:inherit;text-underline-offset:3px}
      :focus-visible{outline:2px solid var(--c0);outline-offset:2px}
      .top{position:sticky;top:0;z-index:5;background:var(--paper);
      border-bottom:1px solid var(--line)}
      .top .wrap{display:flex;gap:20px;align-items:baseline}
      .brand{margin:0;padding:12px 0;font-weight:700;letter-spacing:-.01em;white-space:nowrap}
      .top nav{overflow-x:auto;scrollbar-width:none}
      .top ul{display:flex;gap:4px;list-style:none;margin:0;padding:0}
      .top li a{display:block;padding:12px 8px;white-space:nowrap;text-decoration:none;
      color:var(--quiet);font-size:14px}
      .top li a:hover{color:var(--ink)}
      section{padding:40px 0 4px}
      section+section{border-top:1px solid var(--line);margin-top:36px}
      h1,h2,h3{line-height:1.2;letter-spacing:-.018em;margin:0;unicode-bidi:isolate}
      h1{font-size:clamp(1.75rem,5.2vw,2.9rem);font-weight:700;max-width:22em;text-wrap:balance}
      h2{font-size:1.6rem;margin-bottom:.45rem}
      h3{font-size:1.06rem}
      p{margin:.5em 0;max-width:68ch}
      .lead,.sub,.note,figcaption p{color:var(--quiet)}
      .sub{font-size:14px;margin:0 0 14px}
      .hero{padding-top:40px}
      .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(270px,1fr));gap:0;
      margin:34px 0 26px;border-top:2px solid var(--ink)}
      .facts>div{padding:16px 18px 14px 0;border-bottom:1px solid var(--line)}
      .facts dt{font-size:14px;color:var(--quiet)}
      .facts dd{margin:0}
      .facts .big{font-size:2rem;font-weight:700;letter-spacing:-.03em;line-height:1.25;
      font-variant-numeric:tabular-nums;display:flex;flex-wrap:wrap;align-items:baseline;
      column-gap:.3em}
      .facts .big small{font-size:.9rem;font-weight:500;letter-spacing:0;color:var(--quiet)}
      .facts div:first-child .big data{color:var(--c0)}
      .facts .range{font-size:14px;font-variant-numeric:tabular-nums}
      .facts .basis{font-size:13px;color:var(--quiet);line-height:1.4;margin-top:4px}
      .notice{margin:18px 0 0;padding:10px 16px;border:2px solid var(--c0);border-radius:8px}
      .notice>p{margin:0;font-weight:600}
      .limits{border-left:3px solid var(--c0);padding:2px 0 2px 14px;margin:22px 0 0}
      figure{margin:34px 0 14px}
      figcaption{margin-bottom:8px}
      figcaption p{font-size:14px;margin:.2em 0 0}
      .legend{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;padding:0;margin:10px 0 12px;
      font-size:14px}
      .legend li,.legend button{display:flex;align-items:center;gap:7px}
      .legend svg{width:18px;height:14px;flex:none}
      .legend button{font:inherit;color:inherit;background:none;border:0;padding:2px 0;
      cursor:pointer;text-align:left}
      .legend button[aria-pressed=false]{color:var(--quiet);text-decoration:line-through}
      .legend button[aria-pressed=false] svg{opacity:.35}
      .off{display:none}
      .narrow{display:none}
      .wide.narrow{display:block}
      @media (max-width:640px){.wide{display:none}.narrow,.wide.narrow{display:block}}
      @media (min-width:641px){.multiples{display:grid;grid-template-columns:1fr 1fr;
      column-gap:44px}.multiples>:not(figure){grid-column:1/-1}.multiples figure{margin:22px 0 6px}}
      .scroll{overflow-x:auto;margin:8px 0 22px;position:relative}
      table{border-collapse:collapse;min-width:min(100%,30em);font-size:14px;line-height:1.4}
      caption{text-align:left;font-weight:600;padding:16px 0 8px}
      caption span{display:inline-block;position:sticky;left:0;max-width:calc(100vw - 40px)}
      th,td{text-align:left;padding:7px 14px 7px 0;border-bottom:1px solid var(--line);
      vertical-align:top;unicode-bidi:isolate;min-width:4.5em;overflow-wrap:break-word}
      thead th{font-weight:600;font-size:13px;vertical-align:bottom;border-bottom:1px solid var(--ink)}
      th small{display:block;font-weight:400;color:var(--quiet)}
      .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;min-width:0}
      .n .range{display:block;color:var(--quiet);font-size:12.5px}
      th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;
      text-align:inherit}
      th.n button:before,th:not(.n) button:after{content:"↕";opacity:.3;font-weight:400;
      display:inline-block;width:1.1em;text-align:center}
      th button:hover:before,th button:hover:after{opacity:.8}
      th[aria-sort] button:before,th[aria-sort] button:after{opacity:1}
      th.n[aria-sort=ascending] button:before,th[aria-sort=ascending]:not(.n) button:after{content:"↑"}
      th.n[aria-sort=descending] button:before,th[aria-sort=descending]:not(.n) button:after{content:"↓"}
      tbody tr:hover{background:var(--wash)}
      code,.steps{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em;
      unicode-bidi:isolate}
      td code{font-size:12.5px;overflow-wrap:normal;display:inline-block;min-width:11em}
      td code.long{overflow-wrap:anywhere}
      .good{color:var(--good)}.bad{color:var(--bad)}.quiet{color:var(--quiet)}
      .cmd{display:block;background:var(--wash);padding:10px 12px;border-radius:6px;margin:2px 0 4px}
      .doubts{list-style:none;padding:0;margin:16px 0}
      .doubts li{padding:10px 0 10px 16px;border-left:3px solid var(--line);margin-bottom:8px}
      .doubts span{display:block;color:var(--quiet);font-size:15px}
      details>summary{cursor:pointer;padding:6px 0}
      .fold>summary{font-size:14px;color:var(--quiet)}
      .filters{display:flex;flex-wrap:wrap;gap:10px 18px;align-items:end;margin:22px 0 10px;
      font-size:14px}
      .filters label{display:flex;flex-direction:column;gap:3px;color:var(--quiet);font-size:13px;
      max-width:100%}
      input[type=search],select{font:inherit;font-size:15px;color:var(--ink);background:var(--paper);
      border:1px solid var(--quiet);border-radius:6px;padding:6px 9px;max-width:100%}
      .find{margin:4px 0 0}
      .claims{border-top:1px solid var(--line)}
      .claim{border-bottom:1px solid var(--line);padding:3px 0}
      .claim>summary{display:grid;grid-template-columns:8.6em 1fr;gap:2px 12px;list-style:none}
      .claim>summary::-webkit-details-marker{display:none}
      .claim>summary code{grid-column:2;color:var(--quiet);font-size:12.5px}
      .claim[open]>summary{font-weight:600}
      .verdict{font-size:14px;font-weight:600}
      .claim .body{padding:2px 0 18px 0}
      .steps{white-space:pre-wrap;background:var(--wash);padding:12px;border-radius:6px;
      font-size:12.5px;line-height:1.5;margin:8px 0;overflow-x:auto}
      @media (max-width:640px){th.n{white-space:normal}
      th:not([aria-sort]) button:before,th:not([aria-sort]) button:after{display:none!important}
      .prose thead{display:none}.prose tr{display:block;padding:10px 0;
      border-bottom:1px solid var(--line)}.prose td{display:block;border:0;padding:1px 0}
      .prose td:first-child{font-weight:600}}
      @media (min-width:641px){.claim .body{padding-left:calc(8.6em + 12px)}}
      @media (max-width:640px){.claim>summary{grid-template-columns:1fr}
      .claim>summary code{grid-column:1}.wrap{padding:0 15px}section{padding-top:32px}}
      .tip{position:fixed;z-index:8;max-width:min(340px,92vw);background:var(--tip);
      color:var(--tipink);padding:8px 11px;border-radius:6px;font-size:13px;line-height:1.4;
      pointer-events:none}
      footer{border-top:1px solid var(--line);margin-top:56px;padding:22px 0 40px;font-size:14px;
      color:var(--quiet)}
      @media print{.top,.skip,.filters,.find,.tip,.fold:not([open]),th button:before,
      th button:after{display:none!important}body{font-size:11pt}
      section{break-inside:auto;padding-top:14px}section+section{margin-top:14px}
      figure,.facts>div,tr,.doubts li{break-inside:avoid}h2,h3,caption{break-after:avoid}
      .scroll{overflow:visible}table{font-size:9pt}
      .wide,.wide.narrow{display:block}.narrow{display:none}a{text-decoration:none}}

      """#
}
