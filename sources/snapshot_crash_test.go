package sources_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"habeas/sources"
)

func TestTwoImportsAtOnceAreOneAfterTheOther(t *testing.T) {
	config := crmConfig(t)
	set, other := openCRM(t, config), openCRM(t, config)
	if _, _, err := bring(t, set, 0, nil, anna); err != nil {
		t.Fatal(err)
	}
	changed := slices.Clone(anna)
	changed[2] = "Anna Meyer"
	_, _, err := bring(t, set, 1, func(im *sources.Import) {
		next := im.Next
		im.Next = func() (int, []string, error) {
			n, cells, err := next()
			if errors.Is(err, io.EOF) {
				_, _, failed := bring(t, other, 1, nil, ben)
				if known, ok := errorAs[*sources.SourceError](failed); !ok || known.Kind != sources.Busy || !strings.Contains(known.Error(), "somebody else imports") {
					t.Errorf("a second import meanwhile: %v", failed)
				}
				if out := string(dump(t, other, person(t, other, "anna@example.com"))); !strings.Contains(out, "Öz") {
					t.Errorf("meanwhile others see %s", out)
				}
			}
			return n, cells, err
		}
	}, changed)
	if err != nil {
		t.Fatal(err)
	}
	if out := string(dump(t, other, person(t, other, "anna@example.com"))); !strings.Contains(out, "Meyer") {
		t.Errorf("afterwards they see %s", out)
	}
}

// killedImport is the test program as an import that somebody kills.
func killedImport(t *testing.T) {
	config := sources.Config{Key: "crm", Driver: "snapshot", DSN: os.Getenv("HABEAS_TEST_SNAPSHOT"), Dataset: os.Getenv("HABEAS_TEST_MAP")}
	set := openCRM(t, config)
	n := 0
	_, _, err := bring(t, set, 1, func(im *sources.Import) {
		im.Next = func() (int, []string, error) {
			n++
			if n == 20_000 { // much of it is in the journal by now
				fmt.Println("halfway")
				select {}
			}
			return n, []string{fmt.Sprintf("K-%d", n), fmt.Sprintf("k%d@example.com", n), strings.Repeat("x", 2000), "", "", ""}, nil
		}
	})
	t.Fatal("it ended", err)
}

func TestAnImportThatIsKilledLeavesTheOldSnapshot(t *testing.T) {
	if os.Getenv("HABEAS_TEST_SNAPSHOT") != "" {
		killedImport(t)
	}
	config := crmConfig(t)
	set := openCRM(t, config)
	if _, _, err := bring(t, set, 0, nil, anna); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	child := exec.CommandContext(ctx, os.Args[0], "-test.run", "^"+t.Name()+"$")
	child.Env = append(os.Environ(), "HABEAS_TEST_SNAPSHOT="+config.DSN, "HABEAS_TEST_MAP="+config.Dataset)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	said := make([]byte, 7)
	if _, err := io.ReadFull(out, said); err != nil || string(said) != "halfway" {
		t.Fatalf("the import says %q, %v", said, err)
	}
	must(t, child.Process.Kill())
	if err := child.Wait(); err == nil {
		t.Fatal("it was not killed")
	}
	if got := state(t, set, person(t, set, "anna@example.com"), "contacts"); got != "ok 1" {
		t.Errorf("her records are %s", got)
	}
	if person(t, set, "k1@example.com").Seeds() != 0 {
		t.Error("half of the import is there")
	}
	if n, _, err := bring(t, set, 2, nil, anna, ben); err != nil || n.Same != 1 || n.New != 1 {
		t.Errorf("the next import: %+v, %v", n, err)
	}
	if n := ask(t, config.DSN, "PRAGMA integrity_check"); n != "ok" {
		t.Errorf("the file is %s", n)
	}
}

// heapOf imports n made-up rows and returns the most that the heap held meanwhile, in MiB.
func heapOf(t testing.TB, set *sources.Set, n, day int) float64 {
	t.Helper()
	var most uint64
	row := 0
	cells := make([]string, 6)
	_, _, err := bring(t, set, day, func(im *sources.Import) {
		im.Next = func() (int, []string, error) {
			if row++; row > n {
				return 0, nil, io.EOF
			}
			cells[0], cells[1], cells[2], cells[3] = fmt.Sprintf("N-%d", row), fmt.Sprintf("person%d@example.com", row), "Somebody with a Name", fmt.Sprint(row+day)
			return row, cells, nil
		}
		im.Progress = func(rows int) {
			if rows%10_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return float64(most) / (1 << 20)
}

func TestTheHeapOfAnImportIsFlat(t *testing.T) {
	set := openCRM(t, crmConfig(t))
	heapOf(t, set, 1000, 0)
	if most := heapOf(t, set, 40_000, 1); most > 48 {
		t.Errorf("40,000 rows took %.0f MiB", most)
	}
	if got := state(t, set, person(t, set, "person39999@example.com"), "contacts"); got != "ok 1" {
		t.Errorf("the records of one among them are %s", got)
	}
}

// BenchmarkImport imports a million rows, then the same with one value of each changed.
func BenchmarkImport(b *testing.B) {
	const rows = 1_000_000
	for b.Loop() {
		set := openCRM(b, crmConfig(b))
		for day, name := range []string{"first", "second"} {
			began := time.Now()
			most := heapOf(b, set, rows, day)
			b.ReportMetric(rows/time.Since(began).Seconds(), name+"-rows/s")
			b.ReportMetric(most, name+"-MiB")
			if most > 64 {
				b.Errorf("the %s import took %.0f MiB of heap", name, most)
			}
		}
		began := time.Now()
		if person(b, set, "person999999@example.com").Seeds() != 1 {
			b.Error("one of a million is not found")
		}
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "find-ms")
	}
}
