package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"habeas/sheet"
)

// write makes a file of that name.
func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the rows of a file, its header first, each cell in brackets, and its faults.
func read(t testing.TB, path string, o sheet.Options) (*sheet.Table, []string, []string, error) {
	t.Helper()
	table, err := sheet.Open(path, o)
	if err != nil {
		return nil, nil, nil, err
	}
	defer table.Close()
	rows := []string{"[" + strings.Join(table.Header, "][") + "]"}
	var faults []string
	for {
		row, err := table.Next()
		var fault *sheet.Fault
		switch {
		case errors.Is(err, io.EOF):
			return table, rows, faults, nil
		case errors.As(err, &fault):
			faults = append(faults, fault.Error())
		case err != nil:
			return table, rows, faults, err
		default:
			rows = append(rows, fmt.Sprintf("%d [%s]", row.Number, strings.Join(row.Cells, "][")))
		}
	}
}

func TestATextIsReadAsItsExporterMeantIt(t *testing.T) {
	for _, c := range []struct {
		says, name, text string
		rows             []string
	}{
		{"plain", "a.csv", "id,name\n1,Ana\n2,Ben\n", []string{"[id][name]", "2 [1][Ana]", "3 [2][Ben]"}},
		{"no end of the last line", "a.csv", "id,name\r\n1,Ana", []string{"[id][name]", "2 [1][Ana]"}},
		{"lines of old Macs", "a.csv", "id,name\r1,Ana\r", []string{"[id][name]", "2 [1][Ana]"}},
		{"semicolons, as Excel writes in Europe", "a.csv", "id;name\n1;Ana, née B\n", []string{"[id][name]", "2 [1][Ana, née B]"}},
		{"tabs", "a.tsv", "id\tname\n1\tAna\n", []string{"[id][name]", "2 [1][Ana]"}},
		{"a delimiter in the header's quotation marks does not count", "a.csv", "\"a;b;c\",d\n1,2\n", []string{"[a;b;c][d]", "2 [1][2]"}},
		{"quotation marks", "a.csv", "id,name\n1,\"Ana \"\"the\"\" B, C\"\n", []string{"[id][name]", `2 [1][Ana "the" B, C]`}},
		{"a line break in a cell, after which lines still count", "a.csv", "id,name\n1,\"Ana\r\nB\"\n2,Ben\n", []string{"[id][name]", "2 [1][Ana\r\nB]", "4 [2][Ben]"}},
		{"empty cells in quotation marks", "a.csv", "id,name\n\"\",\"\"\n3,\"\"\n", []string{"[id][name]", "3 [3][]"}},
		{"blank lines, and a short row", "a.csv", "\n\nid,name,mail\n\n1,Ana\n,,\n", []string{"[id][name][mail]", "5 [1][Ana][]"}},
		{"needless delimiters at the end", "a.csv", "id,name,,\n1,Ana,,\n", []string{"[id][name]", "2 [1][Ana]"}},
		{"one column", "a.csv", "id\n1\n", []string{"[id]", "2 [1]"}},
		{"blanks are part of a cell, of a name they are not", "a.csv", " id , name \n 1 , Ana \n", []string{"[id][name]", "2 [ 1 ][ Ana ]"}},
		{"a mark of UTF-8", "a.csv", "\ufeffid,名字\n1,安娜\n", []string{"[id][名字]", "2 [1][安娜]"}},
		{"objects", "a.jsonl", "{\"id\":1,\"name\":\"Ana\"}\n\n{\"mail\":\"a@b\",\"id\":20000000000000001,\"on\":true,\"none\":null}\n",
			[]string{"[id][name][mail][on][none]", "1 [1][Ana][][][]", "3 [20000000000000001][][a@b][true][]"}},
		{"structures stay JSON", "a.ndjson", `{"id":1, "tags": [1, "b"], "card": {"no": "7"}}`, []string{"[id][tags][card]", `1 [1][[1,"b"]][{"no":"7"}]`}},
		{"objects in a file of any name", "export.txt", "{\"id\":1}\n", []string{"[id]", "1 [1]"}},
	} {
		_, rows, faults, err := read(t, write(t, c.name, c.text), sheet.Options{})
		if err != nil || faults != nil || !reflect.DeepEqual(rows, c.rows) {
			t.Errorf("%s: %q %q %v, want %q", c.says, rows, faults, err, c.rows)
		}
	}
}

func TestEveryEncodingGivesTheSameRows(t *testing.T) {
	text := "编号,姓名,邮箱\n1,欧阳娜娜,a@example.com\n2,王𠮷,b@example.com\n"
	want := []string{"[编号][姓名][邮箱]", "2 [1][欧阳娜娜][a@example.com]", "3 [2][王𠮷][b@example.com]"}
	encode := func(e interface{ String(string) (string, error) }) string {
		s, err := e.String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	le := encode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder())
	be := encode(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder())
	for _, c := range []struct{ says, text, encoding string }{
		{"UTF-8", text, "utf-8"},
		{"UTF-8 with a mark", "\ufeff" + text, "utf-8"},
		{"UTF-16, little end first", "\xff\xfe" + le, "utf-16le"},
		{"UTF-16, big end first", "\xfe\xff" + be, "utf-16be"},
		{"GB18030", encode(simplifiedchinese.GB18030.NewEncoder()), "gb18030"},
	} {
		for _, long := range []string{"", strings.Repeat("9,x,y\n", 40_000)} { // beyond what the encoding is guessed from
			if long != "" && !strings.HasSuffix(c.encoding, "8") && c.encoding != "gb18030" {
				continue
			}
			table, rows, faults, err := read(t, write(t, "a.csv", c.text+long), sheet.Options{})
			if err != nil || faults != nil || len(rows) < 3 || !reflect.DeepEqual(rows[:3], want) || table.Encoding != c.encoding {
				t.Errorf("%s: %q %q %v %v", c.says, rows[:min(3, len(rows))], faults, err, table)
			}
		}
	}
	ascii := "id,name\n" + strings.Repeat("1,Ana\n", 30_000)
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("2,欧阳\n")
	if err != nil {
		t.Fatal(err)
	}
	if table, rows, _, err := read(t, write(t, "a.csv", ascii+gb), sheet.Options{}); err != nil || table.Encoding != "gb18030" || !strings.HasSuffix(rows[len(rows)-1], "[欧阳]") {
		t.Errorf("Chinese far behind: %v %v", table, err)
	}
	plain, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String("id,name\n1,Ana\n")
	if err != nil {
		t.Fatal(err)
	}
	if table, rows, _, err := read(t, write(t, "a.csv", plain), sheet.Options{}); err != nil || table.Encoding != "utf-16le" || rows[1] != "2 [1][Ana]" {
		t.Errorf("UTF-16 without a mark: %q %v", rows, err)
	}
}

func TestAFaultSaysWhereWhatAndWhyAndNoValue(t *testing.T) {
	limits := sheet.Limits{Rows: 5, Columns: 4, Cell: 40, Row: 100}
	for _, c := range []struct {
		says, name, text string
		want             string // in the fault
		goesOn           bool   // the next row is read
	}{
		{"a quotation mark in a cell", "a.csv", "id,name\n1,SECRET \"x\" y\n2,Ben\n", "row 2, column name: a quotation mark stands inside", true},
		{"text after a closing one", "a.csv", "id,name\n1,\"SECRET\"x\n2,Ben\n", "row 2, column name: text follows the closing", true},
		{"one that is never closed", "a.csv", "id,name\n1,\"SECRET\n2,Ben\n", "row 2, column name: the quotation mark is not closed", false},
		{"one that is never closed in a long file", "a.csv", "id,name\n1,\"SECRET\n" + strings.Repeat("2,Ben\n", 100), "it opens a cell of more than 40 bytes", false},
		{"too many cells", "a.csv", "id,name\n1,SECRET,3\n2,Ben\n", "row 2: there are more cells than columns", true},
		{"a cell too long", "a.csv", "id,name\n1,SECRET" + strings.Repeat("x", 60) + "\n2,Ben\n", "row 2, column name: the cell is too long", true},
		{"a zero byte", "a.csv", "id,name\n1,SECRET\u0000\n2,Ben\n", "zero bytes", false},
		{"too many rows", "a.csv", "id,name\n" + strings.Repeat("1,a\n", 9), "more than 5 rows", false},
		{"too many columns", "a.csv", "a,b,c,d,e\n1\n", "more than 4 columns", false},
		{"two columns of one name", "a.csv", "id,SECRET,SECRET\n1,2,3\n", "columns 2 and 3 have the same name", false},
		{"nothing", "a.csv", "", "the file is empty", false},
		{"blank lines only", "a.csv", "\n\n", "the file is empty", false},
		{"no object", "a.jsonl", "{\"id\":1,\"name\":\"a\"}\n[\"SECRET\"]\n{\"id\":2}\n", "row 2: the line is no JSON object", true},
		{"broken JSON", "a.jsonl", "{\"id\":1,\"name\":\"a\"}\n{\"id\":SECRET}\n{\"id\":2}\n", "row 2: the line is no JSON", true},
		{"a name twice", "a.jsonl", "{\"id\":1,\"name\":\"a\"}\n{\"id\":1,\"id\":2}\n{\"id\":2}\n", "row 2: a name comes twice", true},
		{"two objects on a line", "a.jsonl", "{\"id\":1,\"name\":\"a\"}\n{\"id\":1}{}\n{\"id\":2}\n", "row 2: something follows", true},
		{"a line too long", "a.jsonl", "{\"id\":1,\"name\":\"a\"}\n{\"id\":\"" + strings.Repeat("x", 200) + "\"}\n{\"id\":2}\n", "row 2: the row is too long", true},
		{"a workbook that is none", "a.xlsx", "PK?", "named .xlsx and is none", false},
		{"a broken workbook", "a.xlsx", "PK\x03\x04SECRET", "damaged", false},
		{"an old workbook", "a.xls", "\xd0\xcf\x11\xe0SECRET", "save it as XLSX", false},
	} {
		_, rows, faults, err := read(t, write(t, c.name, c.text), sheet.Options{Limits: limits})
		said := strings.Join(faults, "\n")
		if err != nil {
			said += err.Error()
		}
		if !strings.Contains(said, c.want) || strings.Contains(said, "SECRET") {
			t.Errorf("%s: %q", c.says, said)
		}
		if went := err == nil && len(rows) > 1; went != c.goesOn {
			t.Errorf("%s: goes on %v, rows %q", c.says, went, rows)
		}
	}
}

// workbook makes an XLSX file with another implementation than the one that reads it.
func workbook(t testing.TB, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := errors.Join(f.SaveAs(path), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAWorkbookGivesWhatItShows(t *testing.T) {
	path := workbook(t, func(f *excelize.File) {
		date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		own := `yyyy"年"m"月"d"日" hh:mm`
		long, err2 := f.NewStyle(&excelize.Style{CustomNumFmt: &own})
		money := `[Red]#,##0.00" days"`
		sum, err3 := f.NewStyle(&excelize.Style{CustomNumFmt: &money})
		for cell, v := range map[string]any{
			"A1": "编号", "B1": "姓名", "C1": "生日", "D1": "at", "E1": "sum", "F1": "vip", "G1": "phone",
			"A2": 1001, "B2": "欧阳 & <娜>", "C2": 32874, "D2": 45000.75, "E2": 1234.5, "F2": true, "G2": 13800138000,
			"A4": "007", "B4": "", "E4": 0.1 + 0.2, "G4": "+86 138",
		} {
			err = errors.Join(err, f.SetCellValue("Sheet1", cell, v))
		}
		err = errors.Join(err, err2, err3, f.SetCellStyle("Sheet1", "C2", "C2", date), f.SetCellStyle("Sheet1", "D2", "D2", long), f.SetCellStyle("Sheet1", "E2", "E4", sum))
		if _, err4 := f.NewSheet("second"); errors.Join(err, err4, f.SetCellValue("second", "A1", "other"), f.SetCellValue("second", "A2", 7)) != nil {
			t.Fatal(err, err4)
		}
	})
	_, rows, faults, err := read(t, path, sheet.Options{})
	want := []string{"[编号][姓名][生日][at][sum][vip][phone]",
		"2 [1001][欧阳 & <娜>][1990-01-01][2023-03-15 18:00:00][1234.5][true][13800138000]",
		"4 [007][][][][0.3][][+86 138]"}
	if err != nil || faults != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("%q %q %v", rows, faults, err)
	}
	if _, rows, _, err := read(t, path, sheet.Options{Sheet: "second"}); err != nil || rows[1] != "2 [7]" {
		t.Errorf("the second sheet: %q %v", rows, err)
	}
	if _, _, _, err := read(t, path, sheet.Options{Sheet: "third"}); err == nil {
		t.Error("a sheet that is not there was read")
	}
	numbers := workbook(t, func(f *excelize.File) {
		if err := errors.Join(f.SetCellValue("Sheet1", "A1", "id"), f.SetCellValue("Sheet1", "A2", 110101199003078888), f.SetCellValue("Sheet1", "A3", 2)); err != nil {
			t.Fatal(err)
		}
	})
	if _, rows, faults, err := read(t, numbers, sheet.Options{}); err != nil || len(faults) != 1 || !strings.Contains(faults[0], "row 2, column id: the number has more than 15 digits") || len(rows) != 2 {
		t.Errorf("a number of 18 digits: %q %q %v", rows, faults, err)
	}
}

func TestALargeWorkbookIsReadFromFilesThatLeaveNothing(t *testing.T) {
	const rows = 60_000
	path := workbook(t, func(f *excelize.File) {
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			// Inline texts and shared ones: the writer makes the first, and other programs the second.
			if err := w.SetRow(fmt.Sprintf("A%d", i+1), []any{fmt.Sprintf("id%d", i), fmt.Sprintf("name %d", i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	})
	table, got, faults, err := read(t, path, sheet.Options{Temp: t.TempDir()})
	if err != nil || faults != nil || len(got) != rows || got[rows-1] != fmt.Sprintf("%d [id%d][name %d]", rows, rows-1, rows-1) || table.Progress() < 0.99 {
		t.Errorf("%d rows, %q, %v, %v", len(got), faults, err, table.Progress())
	}
}

func FuzzOpen(f *testing.F) {
	for _, seed := range []string{"id,name\n1,\"a\"\n", "a;b\r\n\"x\"\"y\";z", "{\"a\":1}\n{\"b\":[1]}", "\xff\xfei\x00d\x00\n\x001\x00", "\xb1\xe0\xba\xc5,a\n1,2", "PK\x03\x04", "\"\n\"\n"} {
		f.Add([]byte(seed), uint8(0))
		f.Add([]byte(seed), uint8(1))
	}
	f.Fuzz(func(t *testing.T, data []byte, kind uint8) {
		name := []string{"a.csv", "a.jsonl", "a.txt"}[kind%3]
		limits := sheet.Limits{Rows: 1000, Columns: 50, Cell: 200, Row: 1000}
		table, rows, _, err := read(t, write(t, name, string(data)), sheet.Options{Limits: limits})
		if err != nil || table == nil {
			return
		}
		for _, row := range rows[1:] {
			if len(row) > 50*(200+2)+20 {
				t.Errorf("a row of %d bytes", len(row))
			}
		}
	})
}

func FuzzWorkbook(f *testing.F) {
	for _, seed := range []string{
		`<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2"><v>7</v></c></row></sheetData></worksheet>`,
		`<sheetData><row><c t="inlineStr"><is><t>a</t></is></c></row><row><c s="0"><v>45000.5</v></c><c t="b"><v>1</v></c></row></sheetData>`,
		`<sheetData><row r="9"><c r="ZZZZ9"><v>1</v></c></row>`, `<sheetData><row><c t="s"><v>-1</v></c>`, `<sheetData>`, `<`, "",
	} {
		f.Add([]byte(seed), []byte(`<sst><si><t>id</t></si><si><r><t>x</t></r><rPh><t>y</t></rPh></si></sst>`))
	}
	f.Fuzz(func(t *testing.T, cells, shared []byte) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, part := range map[string]string{
			"xl/workbook.xml":            `<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="x/styles" Target="styles.xml"/></Relationships>`,
			"xl/styles.xml":              `<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`,
			"xl/worksheets/sheet1.xml":   string(cells), "xl/sharedStrings.xml": string(shared),
		} {
			w, err := z.Create(name)
			if err == nil {
				_, err = w.Write([]byte(part))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		limits := sheet.Limits{Rows: 1000, Columns: 50, Cell: 200, Row: 1000}
		_, rows, _, err := read(t, write(t, "a.xlsx", b.String()), sheet.Options{Limits: limits})
		if err == nil && !bytes.Contains(cells, []byte("</sheetData")) {
			t.Errorf("a sheet that does not end is read: %d rows", len(rows))
		}
	})
}
