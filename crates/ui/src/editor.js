// The editor of policies: CodeMirror in the place of the field, which stays what the form sends. Without it the field does.
{
  const { EditorState, EditorView, HighlightStyle, StreamLanguage, keymap, tags } = CodeMirror;

  // Cedar, as far as colours need it. What is right the server says.
  const keywords = ["when", "unless", "if", "then", "else", "in", "is", "has", "like"];
  const variables = ["principal", "action", "resource", "context"];
  const insideString = (stream, state) => {
    // A string may go on over lines; a backslash takes the next character with it.
    state.string = true;
    while (!stream.eol()) {
      const next = stream.next();
      if (next === "\\") stream.next();
      else if (next === '"') {
        state.string = false;
        break;
      }
    }
    return "string";
  };
  const cedar = StreamLanguage.define({
    name: "cedar",
    startState: () => ({ string: false }),
    token(stream, state) {
      if (state.string) return insideString(stream, state);
      if (stream.eatSpace()) return null;
      if (stream.match("//")) {
        stream.skipToEnd();
        return "comment";
      }
      if (stream.eat('"')) return insideString(stream, state);
      if (stream.match(/^@[A-Za-z_]\w*/)) return "meta";
      if (stream.match(/^\d+/) || stream.match(/^(?:true|false)\b/)) return "number";
      // The type of an entity, with its namespaces: App::"wiki", Action::"http".
      if (stream.match(/^(?:[A-Za-z_]\w*::)+(?=")/)) return "typeName";
      const word = stream.match(/^[A-Za-z_]\w*/)?.[0];
      if (word) {
        if (word === "permit") return "permit";
        if (word === "forbid") return "forbid";
        if (keywords.includes(word)) return "keyword";
        if (variables.includes(word)) return "variableName";
        return /^[A-Z]/.test(word) ? "typeName" : null;
      }
      if (stream.match(/^(?:==|!=|<=|>=|&&|\|\||[<>!+*-])/)) return "operator";
      stream.next();
      return null;
    },
    tokenTable: { permit: tags.inserted, forbid: tags.deleted },
    languageData: { commentTokens: { line: "//" }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
  });

  // The colours are those of the page: they come through into the shadow by their names.
  const colours = HighlightStyle.define([
    { tag: tags.inserted, color: "var(--permit)", fontWeight: "700" },
    { tag: tags.deleted, color: "var(--deny)", fontWeight: "700" },
    { tag: tags.keyword, fontWeight: "700" },
    { tag: tags.operator, color: "var(--muted)" },
    { tag: tags.typeName, color: "var(--accent)" },
    { tag: tags.string, color: "var(--step)" },
    { tag: tags.number, color: "var(--cut)" },
    { tag: tags.meta, color: "var(--cut)" },
    { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  ]);
  const faint = "color-mix(in srgb, var(--accent) 7%, transparent)";
  const wavy = (colour) => ({ backgroundImage: "none", textDecoration: `underline wavy ${colour}`, textUnderlineOffset: "3px" });
  const look = EditorView.theme({
    "&": { color: "var(--ink)", background: "var(--surface)", fontSize: "13px", border: "1px solid var(--line)", borderRadius: "var(--radius)" },
    // The ring is that of the page around all of it.
    "&.cm-focused": { outline: "none", borderColor: "var(--accent)" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", maxHeight: "70vh", borderRadius: "var(--radius)" },
    ".cm-content": { caretColor: "var(--ink)", padding: "6px 0", minHeight: "var(--rows)" },
    ".cm-gutter": { minHeight: "var(--rows)" },
    ".cm-line": { padding: "0 10px" },
    ".cm-gutters": { color: "var(--muted)", background: "var(--sunken)", border: "0", borderInlineEnd: "1px solid var(--hairline)" },
    ".cm-activeLine": { background: faint },
    "&.cm-focused .cm-matchingBracket": { color: "inherit", background: "none", outline: "1px solid var(--line)" },
    "&.cm-focused .cm-nonmatchingBracket": { color: "var(--deny)", background: "none" },
    ".cm-specialChar": { color: "var(--deny)", fontWeight: "700" },
    ".cm-lintRange-error": wavy("var(--deny)"),
    ".cm-lintRange-warning": wavy("var(--step)"),
    ".cm-lintPoint::after": { display: "none" },
    ".cm-tooltip": { color: "var(--ink)", background: "var(--surface)", border: "1px solid var(--line)", borderRadius: "var(--radius)", maxWidth: "60ch" },
    ".cm-diagnostic": { font: "14px/1.5 var(--sans)", padding: "6px 12px", borderInlineStart: "3px solid var(--step)" },
    ".cm-diagnostic-error": { borderInlineStartColor: "var(--deny)" },
    ".cm-diagnosticText": { whiteSpace: "pre-wrap" },
  });

  /** Where a finding begins and ends. Its column counts characters, and not halves of them. */
  const range = (doc, { line, column }) => {
    const { from, text } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const before = [...text].slice(0, Math.max(column, 1) - 1).join("").length;
    const word = /^(?:\w+|"[^"]*"|\S)/.exec(text.slice(before))?.[0].length ?? 0;
    // At the end of a line there is nothing to underline but the line.
    return word > 0 ? { from: from + before, to: from + before + word } : { from, to: from + text.length };
  };

  const mount = (field) => {
    const { form } = field;
    const said = document.getElementById(field.dataset.said);
    const list = document.getElementById(field.dataset.found);
    const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
    const host = document.createElement("div");
    host.className = "edited";
    // Within a shadow, styles are objects and no elements, so the policy of the page stays as it is.
    const root = host.attachShadow({ mode: "open", delegatesFocus: true });
    const help = document.createElement("p");
    help.id = "help";
    help.hidden = true;
    help.textContent = [...field.parentElement.querySelectorAll(".hint")].map((hint) => hint.textContent).join(" ");
    root.append(help);

    let waiting;
    let turn = 0;
    let asking;
    const later = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => check(), PAUSE);
    };
    const view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: field.value,
        extensions: [
          CodeMirror.lineNumbers(),
          CodeMirror.history(),
          CodeMirror.highlightActiveLine(),
          // What would turn the order of the text around, or is not seen, is shown.
          CodeMirror.highlightSpecialChars(),
          CodeMirror.bracketMatching(),
          CodeMirror.indentUnit.of("  "),
          EditorState.tabSize.of(4),
          EditorState.phrases.of({ "Control character": field.dataset.control }),
          cedar,
          CodeMirror.syntaxHighlighting(colours),
          EditorView.lineWrapping,
          // Tab is not among them: it leads on, as everywhere.
          keymap.of([
            { key: "F8", run: CodeMirror.nextDiagnostic },
            { key: "Shift-F8", run: CodeMirror.previousDiagnostic },
            ...CodeMirror.historyKeymap,
            ...CodeMirror.defaultKeymap,
          ]),
          EditorView.contentAttributes.of({
            "aria-label": label.textContent,
            "aria-describedby": help.id,
            dir: "ltr",
            tabindex: "0",
            spellcheck: "false",
            autocapitalize: "none",
            autocorrect: "off",
          }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            field.value = update.state.doc.toString();
            later();
          }),
          // Where a browser replaces coloured text by itself, it writes the colours down as a style, which the policy refuses.
          EditorView.domEventHandlers({
            beforeinput(event, view) {
              const { inputType, data, isComposing } = event;
              if (inputType !== "insertText" || isComposing || data === null || view.state.selection.main.empty) return false;
              view.dispatch(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
              return true;
            },
          }),
          look,
        ],
      }),
    });
    view.dom.style.setProperty("--rows", `calc(${field.rows} * 1.5em)`);
    label.addEventListener("click", () => view.focus());
    field.hidden = true;
    field.after(host);
    for (const hint of field.parentElement.querySelectorAll("[data-scripted]")) hint.hidden = false;

    /** Asks the server what it would say, and shows it where it is. */
    async function check(tells = true) {
      asking?.abort();
      asking = new AbortController();
      const mine = ++turn;
      if (tells) said.textContent = field.dataset.checking;
      const body = new URLSearchParams(new FormData(form));
      for (const name of ["revision", "person", "app", "method", "path", "cases"]) body.delete(name);
      const how = { method: "POST", body, headers: { accept: "application/json" }, signal: asking.signal };
      const answer = await fetch(field.dataset.edits, how).then((found) => (found.ok ? found.json() : undefined)).catch(() => undefined);
      // What was asked later counts.
      if (mine !== turn) return;
      if (tells) said.textContent = answer?.said ?? field.dataset.unchecked;
      if (answer) show(answer.findings);
    }

    function show(findings) {
      const { doc } = view.state;
      const here = findings.filter(({ place }) => place);
      const diagnostics = here.map(({ line, column, severity, message, help: mends }) => ({
        ...range(doc, { line, column }),
        severity: severity === "error" ? "error" : "warning",
        message: mends ? `${message}\n${mends}` : message,
      }));
      // They are wanted in order.
      diagnostics.sort((one, other) => one.from - other.from || one.to - other.to);
      view.dispatch(CodeMirror.setDiagnostics(view.state, diagnostics));
      list.hidden = findings.length === 0;
      list.replaceChildren(...findings.map((finding) => {
        const item = document.createElement("li");
        const text = document.createElement("span");
        text.textContent = [finding.message, finding.help].filter(Boolean).join(" · ");
        if (finding.place) {
          const go = document.createElement("button");
          go.type = "button";
          go.className = "button quiet";
          go.textContent = finding.place;
          go.addEventListener("click", () => {
            const { from, to } = range(view.state.doc, finding);
            view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
            view.focus();
          });
          item.append(go, " ");
        }
        item.append(text);
        return item;
      }));
    }
    // What the page says already stays: it also says whether anything was saved.
    if ("look" in field.dataset) check(false);
  };

  /** Nobody is asked while somebody types: only when they pause. */
  const PAUSE = 700;

  for (const field of document.querySelectorAll("textarea[data-edits]")) mount(field);
}
