package stateset_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	stateset "stateset.dev/go"
)

const (
	email    = "ops@example.com"
	password = "a long enough password"
	patience = 30 * time.Second
)

// A real server with data that goes when it ends.
type server struct {
	url     string
	key     string
	folder  string
	process *exec.Cmd
}

var home *server

func TestMain(m *testing.M) {
	var err error
	if home, err = start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	home.end()
	os.Exit(code)
}

func start() (*server, error) {
	folder, err := os.MkdirTemp("", "stateset-sdk-")
	if err != nil {
		return nil, err
	}
	address := filepath.Join(folder, "address")
	log := &bytes.Buffer{}
	s := &server{folder: folder}
	s.process = exec.Command(os.Getenv("STATESET_BINARY"), "serve", "--data", filepath.Join(folder, "data"),
		"--http", "127.0.0.1:0", "--address-file", address)
	s.process.Env = append(os.Environ(), "STATESET_ADMIN_EMAIL="+email, "STATESET_ADMIN_PASSWORD="+password,
		"STATESET_WEBHOOK_ALLOW_PRIVATE=true", "STATESET_GRPC=off")
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); s.url == ""; time.Sleep(10 * time.Millisecond) {
		if text, err := os.ReadFile(address); err == nil && len(bytes.TrimSpace(text)) > 0 {
			s.url = "http://" + strings.TrimPrefix(string(bytes.TrimSpace(text)), "http://")
		}
		if time.Now().After(end) {
			s.end()
			return nil, fmt.Errorf("the server does not start:\n%s", log)
		}
	}
	return s, s.issueKey(context.Background())
}

func (s *server) issueKey(ctx context.Context) error {
	tokens, err := stateset.New(stateset.Config{BaseURL: s.url}).Auth.Login(ctx, stateset.Login{Email: email, Password: password})
	if err != nil {
		return err
	}
	token := func(context.Context) (string, error) { return tokens.AccessToken, nil }
	key, err := stateset.New(stateset.Config{BaseURL: s.url, Token: token}).
		APIKeys.Create(ctx, stateset.NewAPIKey{Name: "sdk", Scopes: []string{"*"}})
	if err == nil {
		s.key = key.Key
	}
	return err
}

func (s *server) client() *stateset.Client {
	return stateset.New(stateset.Config{BaseURL: s.url, APIKey: s.key})
}

func (s *server) end() {
	_ = s.process.Process.Signal(syscall.SIGTERM)
	_ = s.process.Wait()
	os.RemoveAll(s.folder)
}

// What an operation answered; the test ends when it was refused.
func must[T any](answer T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func equal[T comparable](t *testing.T, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Fatalf("got %v, not %v", got, wanted)
	}
}

func until(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain")
		}
	}
}

type mischief int

const (
	drop mischief = iota + 1 // the request arrives, the answer does not
	busy                     // 503, and the server hears nothing of it
)

// A proxy before the server that misbehaves on demand.
type proxy struct {
	url      string
	target   string
	listener net.Listener
	lock     sync.Mutex
	plan     []mischief // what happens to the next requests, one each
	requests int
	open     map[net.Conn]bool
}

func before(t *testing.T, s *server) *proxy {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	p := &proxy{url: "http://" + listener.Addr().String(), target: strings.TrimPrefix(s.url, "http://"),
		listener: listener, open: map[net.Conn]bool{}}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		p.cut()
	})
	return p
}

func (p *proxy) will(plan ...mischief) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.plan = plan
}

func (p *proxy) count() int {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.requests
}

// Every connection breaks.
func (p *proxy) cut() {
	p.lock.Lock()
	defer p.lock.Unlock()
	for connection := range p.open {
		connection.Close()
	}
}

func (p *proxy) next() (now mischief) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.requests++
	if len(p.plan) > 0 {
		now, p.plan = p.plan[0], p.plan[1:]
	}
	return now
}

func (p *proxy) keep(connection net.Conn, open bool) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.open[connection] = open
	if !open {
		delete(p.open, connection)
		connection.Close()
	}
}

func (p *proxy) serve(client net.Conn) {
	p.keep(client, true)
	defer p.keep(client, false)
	upstream, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	p.keep(upstream, true)
	defer p.keep(upstream, false)
	now := make(chan mischief, 100)
	go func() {
		defer client.Close()
		buffer := make([]byte, 65536)
		var current mischief
		for {
			size, err := upstream.Read(buffer)
			if err != nil {
				return
			}
			select {
			case current = <-now:
			default:
			}
			if current == drop {
				return
			}
			if _, err := client.Write(buffer[:size]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 65536)
	for {
		size, err := client.Read(buffer)
		if err != nil {
			return
		}
		what := p.next()
		if what == busy {
			fmt.Fprint(client, "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			return
		}
		now <- what
		if _, err := upstream.Write(buffer[:size]); err != nil {
			return
		}
	}
}
