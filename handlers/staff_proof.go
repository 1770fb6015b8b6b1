package handlers

import "github.com/labstack/echo/v4"

// proofRoutes are the pages of letters as sent and of the proof of a request.
func (s *server) proofRoutes(desk *echo.Group) {}
