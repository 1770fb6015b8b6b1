package sources

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mysqlSystem is one database of MySQL (8.0 or later) or MariaDB (10.6 or later). Connections read only; a second pool
// that may write exists only where the map lets something be written.
type mysqlSystem struct {
	sqlSystem
	shapes *shapes
	pools  []*sql.DB
}

// errMySQLDSN never repeats the DSN: people put passwords into it.
var errMySQLDSN = errors.New("its dsn cannot be read: write user@tcp(host:3306)/database?tls=true, or user@unix(/path/to/socket)/database")

func openMySQL(c Config, writable bool, o Options) (system, error) {
	base, err := mysql.ParseDSN(c.DSN)
	if err != nil || base.DBName == "" {
		return nil, errMySQLDSN
	}
	if c.Password != "" {
		base.Passwd = c.Password
	}
	base.Timeout = firstPositive(base.Timeout, o.Timeout)
	base.Logger = &mysql.NopLogger{}
	// One statement at a time with its parameters apart; no file of ours to a server that asks for one; values as they
	// are stored; records found, not only those that changed.
	base.MultiStatements, base.InterpolateParams, base.AllowAllFiles, base.ParseTime = false, false, false, false
	base.ClientFoundRows = true
	base.Collation = ""
	if err := base.Apply(mysql.Charset("utf8mb4", "")); err != nil {
		return nil, errMySQLDSN
	}
	base.Params = maps.Clone(base.Params)
	if base.Params == nil {
		base.Params = map[string]string{}
	}
	if base.Params["time_zone"] == "" {
		base.Params["time_zone"] = "'+00:00'"
	}
	base.Params["sql_mode"] = "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_BACKSLASH_ESCAPES'"

	maria := &atomic.Bool{}
	pool := func(size int, mode string) (*sql.DB, error) {
		inner, err := mysql.NewConnector(base.Clone())
		if err != nil {
			return nil, errMySQLDSN
		}
		return bounded(sql.OpenDB(&mysqlConnector{inner, mode, o, maria}), size), nil
	}
	reads, err := pool(readers, "READ ONLY")
	if err != nil {
		return nil, err
	}
	s := &mysqlSystem{pools: []*sql.DB{reads}}
	s.shapes = &shapes{ask: func(ctx context.Context, c *Collection) ([]sqlColumn, error) { return mysqlColumns(ctx, reads, c.Name) }}
	s.sqlSystem = sqlSystem{
		dialect: mysqlDialect{s.shapes}, learn: s.shapes.learn,
		reads: func() (*sql.DB, error) { return reads, nil },
		bound: func(text string, after time.Duration) string { return mysqlBound(text, after, maria.Load()) },
	}
	if writable {
		writes, err := pool(1, "READ WRITE")
		if err != nil {
			return nil, err
		}
		s.pools = append(s.pools, writes)
		s.writes = func() (*sql.DB, error) { return writes, nil }
	}
	return s, nil
}

// mysqlConnector sets what a connection may do, which the server then holds to.
type mysqlConnector struct {
	driver.Connector
	mode    string
	options Options
	maria   *atomic.Bool
}

func (c *mysqlConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.set(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (c *mysqlConnector) set(ctx context.Context, conn driver.Conn) error {
	run, ok := conn.(driver.ExecerContext)
	if !ok {
		return driver.ErrSkip
	}
	wait := max(int(c.options.LockWait.Round(time.Second).Seconds()), 1) // the server knows whole seconds
	longest := patient * c.options.Timeout
	for _, statement := range []string{
		"SET SESSION TRANSACTION " + c.mode,
		fmt.Sprintf("SET SESSION lock_wait_timeout = %d, SESSION innodb_lock_wait_timeout = %d", wait, wait),
	} {
		if _, err := run.ExecContext(ctx, statement, nil); err != nil {
			return err
		}
	}
	// MariaDB counts seconds for every statement, MySQL milliseconds for selects.
	_, err := run.ExecContext(ctx, fmt.Sprintf("SET SESSION max_statement_time = %f", longest.Seconds()), nil)
	c.maria.Store(err == nil)
	var e *mysql.MySQLError
	if errors.As(err, &e) && e.Number == 1193 { // ER_UNKNOWN_SYSTEM_VARIABLE
		_, err = run.ExecContext(ctx, "SET SESSION max_execution_time = "+milliseconds(longest), nil)
	}
	return err
}

// mysqlBound has the server give up a select when whoever asked has: a closed connection it would not notice.
func mysqlBound(text string, after time.Duration, maria bool) string {
	after = max(after, 0) + 100*time.Millisecond
	if maria {
		return fmt.Sprintf("SET STATEMENT max_statement_time = %.3f FOR %s", after.Seconds(), text)
	}
	return "SELECT /*+ MAX_EXECUTION_TIME(" + milliseconds(after) + ") */" + strings.TrimPrefix(text, "SELECT")
}

func (s *mysqlSystem) close() error {
	var errs []error
	for _, db := range s.pools {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}

func (s *mysqlSystem) columns(ctx context.Context, c *Collection) ([]column, error) {
	return s.shapes.columns(ctx, c)
}

// mysqlKinds says what an error number means (mariadb.com/kb/en/mariadb-error-codes, dev.mysql.com/doc/mysql-errors).
var mysqlKinds = map[Kind][]uint16{
	Down:    {1021, 1040, 1049, 1053, 1114, 1129, 1158, 1159, 1160, 1161, 1203, 1226, 1927, 3159},
	Denied:  {1044, 1045, 1130, 1142, 1143, 1227, 1290, 1370, 1698, 1792, 1820, 1836, 1862},
	Busy:    {1205, 1213, 1637, 3572},
	Slow:    {1028, 1317, 1969, 3024},
	Changed: {1051, 1054, 1109, 1146, 1267, 1270, 1271, 1305, 1356, 1412},
	Large:   {1038, 1118, 1153, 1162, 1301},
	Refused: {1048, 1062, 1169, 1216, 1217, 1264, 1265, 1292, 1364, 1366, 1369, 1406, 1411, 1451, 1452, 1525, 1557, 1586, 1644,
		1690, 1761, 3140, 3819, 4025, 4078},
}

func (s *mysqlSystem) kind(err error) Kind {
	var e *mysql.MySQLError
	switch {
	case errors.Is(err, errForeign):
		return Changed
	case errors.As(err, &e):
		for kind, numbers := range mysqlKinds {
			for _, n := range numbers {
				if n != e.Number {
					continue
				}
				if kind == Changed {
					s.shapes.forget()
				}
				return kind
			}
		}
		return Broken
	case errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, mysql.ErrNoTLS), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), unreachable(err):
		return Down
	case errors.Is(err, mysql.ErrPktTooLarge):
		return Large
	}
	return ""
}

// mysqlShape lists the columns of a table. Where the server tells tables apart by case, the map must, too.
const mysqlShape = `
SELECT column_name, lower(data_type), lower(column_type), is_nullable = 'YES', column_key = 'PRI', coalesce(numeric_scale, 0), coalesce(character_maximum_length, 0)
FROM information_schema.columns
WHERE table_schema = database() AND table_name = ? AND (@@lower_case_table_names <> 0 OR CAST(table_name AS BINARY) = CAST(? AS BINARY))
ORDER BY ordinal_position`

func mysqlColumns(ctx context.Context, db *sql.DB, table string) ([]sqlColumn, error) {
	rows, err := db.QueryContext(ctx, mysqlShape, table, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sqlColumn
	for rows.Next() {
		var c sqlColumn
		var kind, declared string
		var scale int
		var length int64
		if err := rows.Scan(&c.name, &kind, &declared, &c.nullable, &c.key, &scale, &length); err != nil {
			return nil, err
		}
		c.typ, c.column.typ = kind, strings.ToUpper(declared)
		switch kind {
		case "tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit":
			c.class = integer
			if declared == "tinyint(1)" || declared == "bit(1)" {
				c.column.typ = "BOOLEAN"
			}
		case "decimal":
			c.class = decimal
			if scale == 0 {
				c.class = integer
			}
		case "float", "double":
			c.class = floating
		case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
			c.class = binary
		case "char", "varchar", "tinytext", "text", "mediumtext", "longtext":
			c.plain, c.length = true, int(length) // of characters, in some set of them
		case "json":
			c.class = structure
		case "enum", "set", "date", "datetime", "timestamp", "time", "uuid", "inet4", "inet6":
		default:
			c.foreign = true // geometries and vectors are written for programs
		}
		c.fixed = slices.Contains([]string{"enum", "binary", "year", "bit", "inet4", "inet6"}, kind) && c.column.typ != "BOOLEAN"
		out = append(out, c)
	}
	if err := rows.Err(); err != nil || len(out) > 0 {
		return out, err
	}
	// A table that may not be read has no columns to see either, and is not the same as one that is gone.
	_, err = db.ExecContext(ctx, "SELECT 1 FROM "+mysqlDialect{}.quote(table)+" LIMIT 0")
	var e *mysql.MySQLError
	if errors.As(err, &e) && (e.Number == 1146 || e.Number == 1103) {
		err = nil
	}
	return nil, err
}
