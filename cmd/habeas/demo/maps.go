package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"habeas/rights"
	"habeas/sources"
	"habeas/workflow"
)

// earlier is what the data maps said otherwise until two months ago, so that there are two versions to compare.
var earlier = []struct{ file, now, before string }{
	{"shop.yml", "      security: {en: \"Encrypted disks and backups; named staff only, with two factors; every access logged\", zh-CN: 磁盘和备份均加密；仅限指定人员经双因素验证访问；访问全部留痕}\n", ""},
	{"shop.yml", "retention: {en: 1 year after the last visit, zh-CN: 最后一次访问后 1 年}", "retention: {en: 3 years after the last visit, zh-CN: 最后一次访问后 3 年}"},
	{"shop.yml", "              country: US\n              safeguard: {en: \"Standard contractual clauses of 2021, with a transfer impact assessment\", zh-CN: 2021 年版标准合同条款，并已完成传输影响评估}\n", ""},
	{"shop.yml", "          - name: opened\n            data_categories: [user.behavior]\n            fides_meta: {data_type: boolean}\n            habeas_meta: {label: {en: Opened, zh-CN: 是否已打开}}\n", ""},
	{"shop.yml", "purpose: {en: To help you, zh-CN: 为您提供帮助}", "purpose: {en: To answer you, zh-CN: 答复您的咨询}"},
}

// keepEarlierMap lets the portal keep the map of before, as it did when it was started with it. The sources are not reached.
func (s *stage) keepEarlierMap() error {
	dir, err := os.MkdirTemp("", "habeas-map-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var configs []sources.Config
	for _, key := range []string{"shop", "warehouse"} {
		file := key + ".yml"
		text, err := Files.ReadFile(file)
		if err != nil {
			return err
		}
		for _, e := range earlier {
			if e.file != file {
				continue
			}
			if !strings.Contains(string(text), e.now) {
				return fmt.Errorf("%s does not say %q any more: mend what was before it", file, e.now)
			}
			text = []byte(strings.ReplaceAll(string(text), e.now, e.before))
		}
		path := filepath.Join(dir, file)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return err
		}
		configs = append(configs, sources.Config{Key: key, Driver: "sqlite", DSN: "file:" + filepath.Join(dir, key+".db"), Dataset: path})
	}
	set, err := sources.Open(s.ctx, configs, sources.Options{})
	if err != nil {
		return err
	}
	defer set.Close()
	today := s.p.Sources
	s.p.Sources = set
	_, err = s.p.KeepMap(s.ctx)
	s.p.Sources = today
	return err
}

// remaps starts the portal with the map of today.
func remaps() deed {
	return func(s *stage, _ rights.Actor, _ string) error {
		_, err := s.p.KeepMap(s.ctx)
		return err
	}
}

// reviews signs the quarterly self-check, with remarks on what it found.
func reviews(remarks map[string]string, remark string) deed {
	return func(s *stage, by rights.Actor, _ string) error {
		if err := s.repeat(s.p.AskSource); err != nil {
			return err
		}
		check, err := s.p.SelfCheck(s.ctx, by)
		if err != nil {
			return err
		}
		_, err = s.p.SignReview(s.ctx, by, check.Seen, remarks, remark)
		return err
	}
}

// destroys approves what the nightly look at the retention rules has found, and lets it be carried out.
func destroys(reason string) deed {
	return func(s *stage, by rights.Actor, _ string) error {
		if err := s.repeat(s.p.SurveyNext); err != nil {
			return err
		}
		found, err := s.p.Retention(s.ctx, by, "", 1)
		if err != nil {
			return err
		}
		for _, d := range found.Open {
			v := workflow.DestructionVerdict{Version: d.Version, Decision: workflow.ApproveDestruction, Reason: reason}
			if err := s.p.DecideDestruction(s.ctx, by, d.ID, v); err != nil {
				return err
			}
		}
		return s.repeat(s.p.DestroyNext)
	}
}
