// A WebSocket app of the kind that people run: answers what it is sent, and says who it was told is there.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
server.on("connection", (socket, request) => {
  socket.send(`hello ${request.headers["bartizan-user"] ?? "nobody"} ${request.headers["bartizan-token"] ?? ""}`);
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.on("listening", () => console.log(server.address().port));
