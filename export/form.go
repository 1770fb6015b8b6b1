package export

// gather is how many bytes a form keeps before it hands them to its packer.
const gather = 64 << 10

// jsonForm writes a collection as an array of objects, one a line.
type jsonForm struct {
	*packer
	table *table
	buf   []byte
	rows  int
}

func (f *jsonForm) begin(t *table) error {
	f.table, f.rows, f.buf = t, 0, append(f.buf[:0], "[\n"...)
	return nil
}

func (f *jsonForm) row(values []any) error {
	if f.rows > 0 {
		f.buf = append(f.buf, ",\n"...)
	}
	f.rows++
	for i, c := range f.table.shown {
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		f.buf = appendJSON(append(append(f.buf, sep), c.key...), values[i], c.shape)
	}
	f.buf = append(f.buf, '}')
	return f.flush(&f.buf, gather)
}

func (f *jsonForm) end() error {
	f.buf = append(f.buf, "\n]\n"...)
	if err := f.flush(&f.buf, 0); err != nil {
		return err
	}
	f.table.json = &member{name: f.table.names.data + ".json", records: f.rows}
	return f.packer.end(f.table.json)
}

// csvForm writes a collection as a spreadsheet: a line of names, then a line a record.
type csvForm struct {
	*packer
	table        *table
	buf, scratch []byte
	rows         int
}

func (f *csvForm) begin(t *table) error {
	f.table, f.rows, f.buf = t, 0, append(f.buf[:0], byteOrderMark...)
	for i, c := range t.shown {
		if i > 0 {
			f.buf = append(f.buf, ',')
		}
		f.buf = appendText(f.buf, c.field.Name)
	}
	f.buf = append(f.buf, "\r\n"...)
	return nil
}

func (f *csvForm) row(values []any) error {
	f.rows++
	for i, v := range values {
		if i > 0 {
			f.buf = append(f.buf, ',')
		}
		f.buf, f.scratch = appendCell(f.buf, v, f.scratch)
	}
	f.buf = append(f.buf, "\r\n"...)
	return f.flush(&f.buf, gather)
}

func (f *csvForm) end() error {
	if err := f.flush(&f.buf, 0); err != nil {
		return err
	}
	f.table.csv = &member{name: f.table.names.data + ".csv", records: f.rows}
	return f.packer.end(f.table.csv)
}

// flush packs what was gathered, once there are at least so many bytes. What one huge record took is given back.
func (p *packer) flush(buf *[]byte, least int) error {
	if len(*buf) < least {
		return nil
	}
	_, err := p.Write(*buf)
	if *buf = (*buf)[:0]; cap(*buf) > 16*gather {
		*buf = nil
	}
	return err
}
