// What the two Python scripts do with a table: find its dialect, make inputs of its rows, and write the predictions behind them, as
// table_file.js and table_rows.js do it; with Python's csv module and numpy, a column at a time.

/** Needs PREPARATION, CLASS_NAMES and answer_of. */
export const tableScript = String.raw`
MISSING = {'', 'na', 'n/a', 'nan', 'null', '?', '-'}  # in capitals or not
NUMBERS = {sign: re.compile(rf'[+-]?(\d+[{sign}]?\d*|[{sign}]\d+)(e[+-]?\d+)?', re.ASCII | re.IGNORECASE) for sign in '.,'}
LARGEST = 2.0**128 - 2.0**103  # from here on single precision has infinity


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def number_of(text, decimal):
    """NaN where a text is no decimal number, or too large for single precision."""
    value = float(text.replace(decimal, '.')) if NUMBERS[decimal].fullmatch(text) else math.nan
    return value if abs(value) < LARGEST else math.nan


def read_lines(path):
    """A file's lines with their ends: UTF-8, or UTF-16 with a byte order mark; gzip or not."""
    try:
        with open(path, 'rb') as file:
            data = file.read()
        if data[:2] == b'\x1f\x8b':
            data = gzip.decompress(data)
        utf16 = data[:2] in (b'\xff\xfe', b'\xfe\xff')
        text = data.decode('utf-16', 'replace') if utf16 else data.decode('utf-8-sig')
    except Exception as error:  # gzip tells of broken files in many ways
        raise ValueError(f'Expected {path} to be a csv file in UTF-8, got {error}') from error
    return io.StringIO(text, newline='').readlines()


def trimmed(cell, line):
    """Without blanks at its end, unless they stood within quotation marks."""
    return cell if cell.replace('"', '""') + '"' in line else cell.rstrip(' \t')


def rows_of(path, lines, separator):
    """Each row with a text in it: its lines as they stand, and its cells."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader(itertools.chain(lines, ['']), delimiter=separator, skipinitialspace=True)
    begin = 0
    for cells in reader:
        end = reader.line_num
        if cells and end > len(lines):
            raise ValueError(f'Expected {path} to be a csv file, got a quotation mark that is never closed')
        line = ''.join(lines[begin:end])
        cells = [trimmed(cell, line) for cell in cells]
        if any(cells) or '"' in line:
            yield line, cells
        begin = end


def dialect_of(path, lines):
    """The separator with which the first rows have equally many cells, the most of all; the decimal sign of most numbers with one."""
    def evenness(separator):
        counts = []
        try:
            for _, cells in itertools.islice(rows_of(path, lines, separator), 101):
                counts.append(len(cells))
        except ValueError:  # a quotation mark that is none with the right separator
            counts.append(0)
        return len(set(counts)) == 1 and counts[0] > 1, counts[:1]

    separator = max(',;\t', key=evenness)
    if separator == ',':
        return separator, '.'
    seen = {'.': 0, ',': 0}
    for _, cells in rows_of(path, lines, separator):
        for cell in cells:
            no_point, no_comma = (math.isnan(number_of(cell, sign)) for sign in '.,')
            if no_point != no_comma:
                seen[',' if no_point else '.'] += 1
        if sum(seen.values()) >= 1000:
            break
    return separator, max('.,', key=seen.get)


def places_of(path, header):
    """Where each column of the preparation stands; a name that comes twice is told apart as x, x.1."""
    names, same, wanted = {}, {}, [column['name'] for column in PREPARATION['columns']]
    for place, text in enumerate(header):
        name = text
        while name in names:
            same[text] = same.get(text, 0) + 1
            name = f'{text}.{same[text]}'
        names[name] = place
    absent = [quoted(name) for name in wanted if name not in names]
    if absent:
        columns = f'column{"s" if len(absent) > 1 else ""} {", ".join(absent)}'
        raise ValueError(f'Expected {path} to be a table with the {columns}, got the columns {quoted(", ".join(names))}')
    return [names[name] for name in wanted]


def encoded(rows, places, decimal):
    """Inputs (N,C) in double precision; of each column which cells were missing and which unknown; by row the first that is no number."""
    inputs, told, bad = [], [], {}
    for column, place in zip(PREPARATION['columns'], places):
        cells = [row[place] for row in rows]
        missing = np.array([cell.lower() in MISSING for cell in cells], bool)
        unknown = np.zeros(len(rows), bool)
        if column['type'] == 'number':
            values = np.array([column['median'] if gone else number_of(cell, decimal) for cell, gone in zip(cells, missing)], float)
            for row in np.flatnonzero(np.isnan(values)):
                bad.setdefault(row, (column['name'], cells[row]))
            inputs.append(values.reshape(-1, 1) + 0.0)  # not -0
        else:
            known = {name: number for number, name in enumerate(column['categories'])}
            numbers = np.array([known.get(cell, -1) for cell in cells], int)
            numbers[missing] = len(known)  # without a category of its own, it is 0 in all
            unknown = numbers < 0
            inputs.append(np.equal.outer(numbers, np.arange(len(known) + column['missing'])))
        told.append((column['name'], missing, unknown))
    return np.hstack(inputs).astype(float), told, bad


def normalized(inputs):
    """Less the mean while in double precision, over the deviation."""
    if not PREPARATION['normalization']:
        return inputs.astype(np.float32)
    mean, deviation = (np.array(PREPARATION['normalization'][name]) for name in ('mean', 'deviation'))
    return (inputs - mean).astype(np.float32) / deviation.astype(np.float32)


def notes_of(told, bad, good):
    """What was not as it should be, in sentences."""
    def cells(count):
        return f'{count:,} cell{"" if count == 1 else "s"}'

    for row in sorted(bad)[:5]:
        name, given = map(quoted, bad[row])
        yield f'Row {row + 1:,} below the header has no prediction: {given} in column {name} is no number.'
    if len(bad) > 5:
        yield f'{len(bad):,} of {len(good):,} rows have no prediction.'
    for kind, what in ((1, 'missing'), (2, 'with a category that the network has not learned')):
        for column in told:
            count = (column[kind] & good).sum()
            if count:
                yield f'Column {quoted(column[0])}: {cells(count)} {what}.'


def predict_rows(path, network):
    """Prints a table's rows with what the network, a function of inputs (N,C) as it learned them, says of each."""
    lines = read_lines(path)
    separator, decimal = dialect_of(path, lines)
    table = [*rows_of(path, lines, separator)]
    if not table:
        raise ValueError(f'Expected {path} to be a csv file with a header row and rows below it, got an empty file')
    header, *rows = table
    for number, (_, cells) in enumerate(rows, 1):
        if len(cells) != len(header[1]):
            raise ValueError(f'Expected {path} to be a csv file with {len(header[1])} cells in every row, as in its header, '
                             f'got {len(cells)} in row {number} below it')
    inputs, told, bad = encoded([cells for _, cells in rows], places_of(path, header[1]), decimal)
    good = np.array([row not in bad for row in range(len(rows))], bool)
    for note in notes_of(told, bad, good):
        print(note, file=sys.stderr)

    def cell(text):
        return '"' + text.replace('"', '""') + '"' if separator in text or re.search(r'["\r\n]|^\s|\s$', text) else text

    def number(value):
        return np.format_float_positional(np.float32(value), trim='-').replace('.', decimal)

    def write(line, *cells):
        text = separator.join([line.rstrip('\r\n'), *cells]) + (header[0][len(header[0].rstrip('\r\n')):] or '\n')
        sys.stdout.buffer.write(text.encode())

    label = cell(f'predicted {PREPARATION["label"]}')
    write(header[0], label, *['probability'][:len(CLASS_NAMES)])
    answers = iter(answer_of(network(normalized(inputs[good]))) if good.any() else [])
    for (line, _), known in zip(rows, good):
        answer = next(answers) if known else None
        if answer is None:
            write(line, *[''] * (2 if CLASS_NAMES else 1))
        elif CLASS_NAMES:
            write(line, cell(CLASS_NAMES[answer.argmax()]), number(answer.max()))
        else:
            write(line, *map(number, answer))
`;
