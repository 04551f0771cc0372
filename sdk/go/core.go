// Package stateset is a client of StateSet: commerce operations behind one API.
package stateset

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config says where the server is and who asks.
type Config struct {
	// Where the server is; else STATESET_URL says so, else http://127.0.0.1:8080.
	BaseURL string
	// An API key, sk_live_… or sk_test_…; without it and Token STATESET_KEY is used.
	APIKey string
	// Instead of an API key: what gives an access token whenever one is needed.
	Token func(context.Context) (string, error)
	// For one attempt; 30 s.
	Timeout time.Duration
	// How often a request is sent again when that is safe; 5, and -1 for never.
	MaxRetries int
	// To wait at most before a request is sent again; 30 s.
	MaxDelay time.Duration
	// Sent with every request.
	Header http.Header
	// Another client than http.DefaultClient. Its Timeout should be zero: it would end streams.
	HTTPClient *http.Client
}

// Response is what came with an answer besides its body.
type Response struct {
	Status int
	Header http.Header
	// How many attempts it took.
	Attempts int
}

// Accepted (202): the outcome is not known yet, and it goes on by itself.
func (r *Response) Accepted() bool { return r.Status == http.StatusAccepted }

// Replayed: it is the stored answer of an earlier request with the same idempotency key.
func (r *Response) Replayed() bool { return r.Header.Get("Idempotent-Replayed") == "true" }

// DryRun: nothing was stored.
func (r *Response) DryRun() bool { return r.Header.Get("Dry-Run") == "true" }

// ETag is for IfMatchETag.
func (r *Response) ETag() string { return r.Header.Get("ETag") }

// RequestID is for questions to the operator.
func (r *Response) RequestID() string { return r.Header.Get("Request-Id") }

// RequestOption says how one request is sent.
type RequestOption func(*request)

// IdempotencyKey is a key of your own, for a write that shall happen once however often your
// program runs.
func IdempotencyKey(key string) RequestOption {
	return WithHeader("Idempotency-Key", key)
}

// IfMatch refuses (412, CodePreconditionFailed) unless it still has this version.
func IfMatch(version int64) RequestOption {
	return IfMatchETag(fmt.Sprintf("%q", fmt.Sprint(version)))
}

// IfMatchETag refuses (412, CodePreconditionFailed) unless it still has this ETag.
func IfMatchETag(etag string) RequestOption {
	return WithHeader("If-Match", etag)
}

// DryRun: the same answer, and nothing is stored.
func DryRun() RequestOption {
	return func(r *request) { r.query.Set("dry_run", "true") }
}

// RequestID is an id of your own for this request; it is kept and answered.
func RequestID(id string) RequestOption {
	return WithHeader("Request-Id", id)
}

// WithHeader sends a header along.
func WithHeader(name, value string) RequestOption {
	return func(r *request) { r.header.Set(name, value) }
}

// WithResponse shows what came with the answer besides its body.
func WithResponse(into *Response) RequestOption {
	return func(r *request) { r.into = into }
}

type core struct {
	config Config
	client *http.Client
}

type request struct {
	method string
	path   string
	query  url.Values
	header http.Header
	body   []byte
	// Whether it may be sent again when no answer came.
	repeatable bool
	into       *Response
}

func newCore(config Config) *core {
	config.BaseURL = strings.TrimRight(first(config.BaseURL, os.Getenv("STATESET_URL"), "http://127.0.0.1:8080"), "/")
	if config.Token == nil {
		config.APIKey = first(config.APIKey, os.Getenv("STATESET_KEY"))
	}
	if config.Timeout == 0 {
		config.Timeout = 30 * time.Second
	}
	if config.MaxDelay == 0 {
		config.MaxDelay = 30 * time.Second
	}
	if config.MaxRetries == 0 {
		config.MaxRetries = 5
	}
	client := config.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	return &core{config, client}
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// path encodes the parameters: path("/orders/%v", id).
func path(template string, parameters ...any) string {
	for at, parameter := range parameters {
		parameters[at] = url.PathEscape(fmt.Sprint(parameter))
	}
	return fmt.Sprintf(template, parameters...)
}

func get[T any](ctx context.Context, c *core, path string, query any, options []RequestOption) (*T, error) {
	body, err := c.read(ctx, path, query, "application/json", options)
	return decoded[T](body, err)
}

// all is a list that comes whole.
func all[T any](ctx context.Context, c *core, path string, query any, options []RequestOption) ([]T, error) {
	page, err := get[Page[T]](ctx, c, path, query, options)
	if err != nil {
		return nil, err
	}
	return page.Data, nil
}

func getBytes(ctx context.Context, c *core, path string, query any, options []RequestOption) ([]byte, error) {
	return c.read(ctx, path, query, "*/*", options)
}

// send is a write: its idempotency key makes it safe to send it again.
func send[T any](ctx context.Context, c *core, method, path string, input any, options []RequestOption) (*T, error) {
	body, err := c.write(ctx, method, path, input, newKey(), options)
	return decoded[T](body, err)
}

func sendForNothing(ctx context.Context, c *core, method, path string, input any, options []RequestOption) error {
	_, err := c.write(ctx, method, path, input, newKey(), options)
	return err
}

// sendOnce is a request that takes no idempotency key, such as a login.
func sendOnce[T any](ctx context.Context, c *core, method, path string, input any, options []RequestOption) (*T, error) {
	body, err := c.write(ctx, method, path, input, "", options)
	return decoded[T](body, err)
}

func sendOnceForNothing(ctx context.Context, c *core, method, path string, input any, options []RequestOption) error {
	_, err := c.write(ctx, method, path, input, "", options)
	return err
}

func decoded[T any](body []byte, err error) (*T, error) {
	if err != nil {
		return nil, err
	}
	answer := new(T)
	if err := decode(body, answer); err != nil {
		return nil, fmt.Errorf("stateset: the answer cannot be read: %w", err)
	}
	return answer, nil
}

func decode(body []byte, into any) error { return json.Unmarshal(body, into) }

func (c *core) read(ctx context.Context, path string, query any, accept string, options []RequestOption) ([]byte, error) {
	r, err := c.request(http.MethodGet, path, query)
	if err != nil {
		return nil, err
	}
	r.header.Set("Accept", accept)
	r.repeatable = true
	return c.do(ctx, r, options)
}

func (c *core) write(ctx context.Context, method, path string, input any, key string, options []RequestOption) ([]byte, error) {
	r, err := c.request(method, path, nil)
	if err != nil {
		return nil, err
	}
	r.repeatable = key != "" || method == http.MethodPut // to put twice is to put once
	if key != "" {
		r.header.Set("Idempotency-Key", key)
	}
	if content, ok := input.([]byte); ok {
		r.body = content
		r.header.Set("Content-Type", "application/octet-stream")
	} else if r.body, err = asJSON(input); err != nil {
		return nil, fmt.Errorf("stateset: the input cannot be sent: %w", err)
	} else if r.body != nil {
		r.header.Set("Content-Type", "application/json")
	}
	return c.do(ctx, r, options)
}

// A nil pointer, which says "nothing", is no body.
func asJSON(input any) ([]byte, error) {
	body, err := json.Marshal(input)
	if string(body) == "null" {
		return nil, err
	}
	return body, err
}

func (c *core) request(method, path string, query any) (*request, error) {
	r := &request{method: method, path: path, query: url.Values{}, header: c.config.Header.Clone()}
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set("Accept", "application/json")
	body, err := asJSON(query)
	if err != nil || body == nil {
		return r, err
	}
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return nil, err
	}
	for name, value := range members {
		r.query.Set(name, inQuery(value))
	}
	return r, nil
}

func inQuery(value any) string {
	values, ok := value.([]any)
	if !ok {
		return fmt.Sprint(value)
	}
	texts := make([]string, len(values))
	for at, one := range values {
		texts[at] = fmt.Sprint(one)
	}
	return strings.Join(texts, ",")
}

func (c *core) do(ctx context.Context, r *request, options []RequestOption) ([]byte, error) {
	for _, option := range options {
		option(r)
	}
	for attempt := 0; ; attempt++ {
		response, body, err := c.attempt(ctx, r)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("stateset: %s %s: %w", r.method, r.path, ctx.Err())
		}
		wait := delay(attempt, c.config.MaxDelay)
		switch {
		case err != nil:
			err = &ConnectionError{r.header.Get("Idempotency-Key"), err}
			if !r.repeatable {
				return nil, err
			}
		case response.StatusCode < 300:
			if r.into != nil {
				*r.into = Response{response.StatusCode, response.Header, attempt + 1}
			}
			return body, nil
		default:
			refusal := refusalOf(response.StatusCode, response.Header, body)
			err = refusal
			if !refusal.mayPass(r.repeatable) {
				return nil, err
			}
			if refusal.RetryAfter > 0 {
				wait = refusal.RetryAfter
			}
		}
		if attempt >= c.config.MaxRetries || wait > c.config.MaxDelay {
			return nil, err
		}
		if pause(ctx, wait) != nil {
			return nil, fmt.Errorf("stateset: %s %s: %w", r.method, r.path, ctx.Err())
		}
	}
}

// One attempt, with all of its body: what breaks off in the middle is no answer.
func (c *core) attempt(ctx context.Context, r *request) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	response, err := c.open(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, body, err
}

func (c *core) open(ctx context.Context, r *request) (*http.Response, error) {
	address := c.config.BaseURL + r.path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	asked, err := http.NewRequestWithContext(ctx, r.method, address, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	asked.Header = r.header.Clone()
	credential := c.config.APIKey
	if c.config.Token != nil {
		if credential, err = c.config.Token(ctx); err != nil {
			return nil, err
		}
	}
	if credential != "" {
		asked.Header.Set("Authorization", "Bearer "+credential)
	}
	return c.client.Do(asked)
}

// At random up to a bound that doubles, so that many clients do not come back at once.
func delay(attempt int, most time.Duration) time.Duration {
	bound := most
	if attempt < 16 && 250*time.Millisecond<<uint(attempt) < most {
		bound = 250 * time.Millisecond << uint(attempt)
	}
	return time.Duration(rand.Int63n(int64(bound) + 1))
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A UUID of version 4.
func newKey() string {
	var id [16]byte
	if _, err := cryptorand.Read(id[:]); err != nil {
		panic(err) // the system has no random numbers: nothing is safe any more
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
