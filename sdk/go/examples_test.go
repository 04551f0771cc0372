package stateset_test

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	stateset "stateset.dev/go"
)

// The examples, which are the README's, do what they say.
func TestExamples(t *testing.T) {
	folder := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", folder, "./examples/...").CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	s := must(start())(t)
	defer s.end()
	command := func(name string, more ...string) *exec.Cmd {
		one := exec.Command(filepath.Join(folder, name))
		one.Env = append(append(os.Environ(), "STATESET_URL="+s.url, "STATESET_KEY="+s.key), more...)
		one.Stderr = os.Stderr
		return one
	}

	t.Run("the first order, and every day after it", func(t *testing.T) {
		said := string(must(command("first-order").Output())(t))
		equal(t, regexp.MustCompile(`^SO-\S+ costs 99.98 USD\nand is delivered\n$`).MatchString(said), true)
		said = string(must(command("everyday").Output())(t))
		_, said, _ = strings.Cut(said, "\n")
		equal(t, said, "invalid /name /currency\ntrue true\n10.99 archived active\n")
	})

	t.Run("the receiver of webhooks", func(t *testing.T) {
		free := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		address := free.Addr().String()
		_, port, _ := net.SplitHostPort(address)
		free.Close()
		client := s.client()
		endpoint := must(client.Webhooks.Endpoints.Create(ctx,
			stateset.NewWebhookEndpoint{URL: "http://" + address + "/", Events: []string{"customer.*"}}))(t)
		receiver := command("webhooks", "PORT="+port, "STATESET_WEBHOOK_SECRET="+endpoint.Secret)
		output := must(receiver.StdoutPipe())(t)
		equal(t, receiver.Start() == nil, true)
		defer receiver.Wait()
		defer receiver.Process.Kill()
		until(t, func() bool {
			connection, err := net.Dial("tcp", address)
			if err == nil {
				connection.Close()
			}
			return err == nil
		})
		must(client.Customers.Create(ctx, stateset.NewCustomer{Email: "heard@example.com"}))(t)
		line := must(bufio.NewReader(output).ReadString('\n'))(t)
		equal(t, strings.HasPrefix(line, "customer.created ") && strings.Contains(line, "heard@example.com"), true)
		answer := must(http.Post("http://"+address, "application/json", strings.NewReader("{}")))(t)
		answer.Body.Close()
		equal(t, answer.StatusCode, http.StatusBadRequest)
	})
}
