package stateset

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// A silent stream says something every 15 s unless the operator chose otherwise.
const silence = time.Minute

// Stream follows events as they happen, over as many connections as it takes, each from the last
// event on. It ends with its context, with Close, or with a refusal, as when the credentials end.
//
//	events := client.Events.Stream(ctx, &stateset.EventsStreamQuery{Types: "order.*"})
//	defer events.Close()
//	for events.Next() {
//		fmt.Println(events.Value().Type)
//	}
type Stream[T any] struct {
	ctx       context.Context
	cancel    context.CancelFunc
	core      *core
	request   *request
	lines     *bufio.Reader // of the connection, nil between two of them
	hangUp    func()
	alive     *time.Timer
	connected bool
	failures  int
	value     T
	err       error
}

func stream[T any](ctx context.Context, c *core, path string, query any, options []RequestOption) *Stream[T] {
	r, err := c.request(http.MethodGet, path, query)
	if err == nil {
		r.header.Set("Accept", "text/event-stream")
		for _, option := range options {
			option(r)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	return &Stream[T]{ctx: ctx, cancel: cancel, core: c, request: r, err: err}
}

// Next waits for the next event. It is false when the stream has ended: see Err.
func (s *Stream[T]) Next() bool {
	for s.err == nil && s.ctx.Err() == nil {
		if s.lines == nil {
			s.connect()
			continue
		}
		id, data, err := s.message()
		if err != nil {
			s.disconnect()
			s.rest(0)
			continue
		}
		var value T
		if s.err = decode(data, &value); s.err != nil {
			break
		}
		s.failures, s.value = 0, value
		s.request.header.Set("Last-Event-ID", id)
		return true
	}
	s.disconnect()
	s.Close()
	return false
}

// Value is the event that Next waited for.
func (s *Stream[T]) Value() T { return s.value }

// Err is what ended the stream, unless its context or Close did.
func (s *Stream[T]) Err() error { return s.err }

// Close ends the stream, also while another goroutine waits in Next.
func (s *Stream[T]) Close() { s.cancel() }

func (s *Stream[T]) connect() {
	ctx, cancel := context.WithCancel(s.ctx)
	alive := time.AfterFunc(silence, cancel)
	response, err := s.core.open(ctx, s.request)
	if err == nil && response.StatusCode == http.StatusOK {
		s.connected, s.alive, s.lines = true, alive, bufio.NewReader(response.Body)
		s.hangUp = func() {
			alive.Stop()
			cancel()
			response.Body.Close()
		}
		return
	}
	defer cancel()
	defer alive.Stop()
	if s.ctx.Err() != nil {
		return
	}
	var asked time.Duration
	if err != nil {
		err = &ConnectionError{err: err}
	} else {
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		refusal := refusalOf(response.StatusCode, response.Header, body)
		err, asked = refusal, refusal.RetryAfter
		if !refusal.mayPass(true) {
			s.err = err
			return
		}
	}
	if !s.connected && s.failures >= s.core.config.MaxRetries {
		s.err = err
		return
	}
	s.rest(asked)
}

func (s *Stream[T]) disconnect() {
	if s.lines != nil {
		s.hangUp()
		s.lines = nil
	}
}

func (s *Stream[T]) rest(asked time.Duration) {
	wait := delay(s.failures, s.core.config.MaxDelay)
	if asked > wait {
		wait = asked
	}
	s.failures++
	_ = pause(s.ctx, wait) // ends early with the stream, which Next looks at
}

// One event: the id and the data of lines up to an empty one.
func (s *Stream[T]) message() (id string, data []byte, err error) {
	for {
		line, err := s.lines.ReadBytes('\n')
		if err != nil {
			return "", nil, err
		}
		if !s.alive.Reset(silence) {
			return "", nil, errors.New("the stream was silent")
		}
		line = bytes.TrimRight(line, "\r\n")
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch {
		case len(line) == 0 && data != nil:
			return id, data, nil
		case string(name) == "id":
			id = string(value)
		case string(name) == "data":
			data = append(data, value...)
		}
	}
}
